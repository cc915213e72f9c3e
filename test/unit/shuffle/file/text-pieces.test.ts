import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { TextPieces } from '../../../../src/shuffle/file/text-pieces.ts';

const ascii = fc.string({ maxLength: 900 });
const any = fc.string({ unit: 'binary', maxLength: 300 });

test('texts are decoded from their bytes in any order, whether all are ASCII or not', () => {
  const lists = fc.oneof(
    fc.array(ascii, { maxLength: 30, size: 'max' }),
    fc.array(fc.oneof(ascii, any), { maxLength: 9 }),
  );
  fc.assert(
    fc.property(lists, fc.array(fc.nat()), (texts, jumps) => {
      const start = 3;
      const bytes = Buffer.from(`<<<${texts.join('')}>>`);
      const ends = texts.map((_, at) => start + Buffer.byteLength(texts.slice(0, at + 1).join('')));
      const pieces = new TextPieces(bytes, start, bytes.length - 2);
      const order = [...texts.keys(), ...jumps.map((jump) => jump % Math.max(texts.length, 1))];
      for (const at of texts.length === 0 ? [] : order) {
        expect(pieces.text(ends[at - 1] ?? start, ends[at]!)).toBe(texts[at]);
      }
    }),
  );
});
