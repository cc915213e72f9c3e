import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { bytePosition } from '../../../src/formats/byte-position.ts';

/** Bytes of which some are UTF-8: whole characters, parts of characters, and bytes that never occur in UTF-8. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'é', '€', '😀', '\u{10ffff}', '\ud7ff', '\ue000', '\ufeff').map((text) => Buffer.from(text)),
      fc
        .constantFrom(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf)
        .map((byte) => Buffer.of(byte)),
      fc.constantFrom(0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff).map((byte) => Buffer.of(byte)),
      fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

test('the bytes before the position of a character decode to the text before it, whatever the bytes are', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (before, line, after) => {
      const all = Buffer.concat([before, line, after]);
      const [start, end] = [before.length, before.length + line.length];
      const decoded = line.toString('utf8');
      for (let index = 0; index <= decoded.length; index++) {
        if (isInsidePair(decoded, index)) continue;
        const position = bytePosition(all, start, end, index);
        expect(all.toString('utf8', start, position)).toBe(decoded.slice(0, index));
        expect(all.toString('utf8', position, end)).toBe(decoded.slice(index));
      }
    }),
    { numRuns: 1000 },
  );
});

test('for an index inside a surrogate pair, the position is after the pair', () => {
  expect(bytePosition(Buffer.from('a😀b'), 0, 6, 2)).toBe(5);
});

test('for an index beyond the end, the position is the end', () => {
  expect(bytePosition(Buffer.from('xäbcx'), 1, 5, 100)).toBe(5);
});

function isInsidePair(text: string, index: number): boolean {
  return index > 0 && text.codePointAt(index - 1)! > 0xffff;
}
