import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { compareKeys, keyPrefix } from '../../../src/shuffle/order.ts';

/** Few different bytes, so that keys often share a prefix. */
const key = fc
  .array(fc.constantFrom(0, 1, 0x61, 0x7f, 0x80, 0xc3, 0xff), { maxLength: 7 })
  .map((bytes) => Buffer.from(bytes));
const padding = fc.uint8Array({ maxLength: 5 });

test('keys order as Buffer.compare orders their bytes, wherever they stand', () => {
  fc.assert(
    fc.property(key, key, padding, padding, (a, b, before, after) => {
      const left = Buffer.concat([before, a, after]);
      const right = Buffer.concat([after, b, before]);
      const order = compareKeys(
        left,
        before.length,
        before.length + a.length,
        right,
        after.length,
        after.length + b.length,
      );
      expect(Math.sign(order)).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 500 },
  );
});

test('keys of text order as `LC_ALL=C sort` orders them, not as UTF-16 does', () => {
  const texts = ['\uffff', '😀'];
  expect(texts.toSorted()).toEqual(['😀', '\uffff']);
  const [highest, surrogates] = texts.map((text) => Buffer.from(text)) as [Buffer, Buffer];
  expect(compareKeys(surrogates, 0, surrogates.length, highest, 0, highest.length)).toBeGreaterThan(0);
});

test('a smaller prefix means a smaller key, and equal keys have equal prefixes', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      const difference = keyPrefix(a, 0, a.length) - keyPrefix(b, 0, b.length);
      if (difference !== 0) expect(Math.sign(difference)).toBe(Buffer.compare(a, b));
      else expect(a.subarray(0, 4).equals(b.subarray(0, 4)) || Math.min(a.length, b.length) < 4).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.for([
  ['', 0],
  ['a', 0x61000000],
  ['abcd', 0x61626364],
  ['abcdefgh', 0x61626364],
  ['\u{10ffff}', 0xf48fbfbf],
] as const)('the prefix of %j is its first four bytes, unsigned', ([text, prefix]) => {
  const bytes = Buffer.from(`--${text}--`);
  expect(keyPrefix(bytes, 2, bytes.length - 2)).toBe(prefix);
});
