import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { seal, unseal } from '../../../src/workspace/sealed-json.ts';

const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 });

test('a sealed object is JSON on one line, and is read again', () => {
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (sealed, before) => {
      const { text, checksum } = seal(sealed, before);
      expect(text).not.toContain('\n');
      expect(JSON.parse(text)).toHaveProperty('crc');
      expect(unseal(Buffer.from(text), before)).toEqual({
        value: JSON.parse(JSON.stringify(sealed)) as unknown,
        checksum,
      });
    }),
  );
});

test('text with a flipped bit, cut anywhere, or after another line, is not read', () => {
  const bytes = Buffer.from(seal({ a: 'ü', b: [1, 2, { c: null }] }, 7).text);
  expect(unseal(bytes, 8)).toBeUndefined();
  for (let length = 0; length < bytes.length; length++) expect(unseal(bytes.subarray(0, length), 7)).toBeUndefined();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(unseal(flipped, 7)).toBeUndefined();
  }
});

test.for(['', '{}', 'null', '[]', '{"a":1}', '{"crc":"00000000"}', 'x,"crc":"00000000"}'])(
  '%j is not sealed',
  (text) => {
    expect(unseal(Buffer.from(text))).toBeUndefined();
  },
);
