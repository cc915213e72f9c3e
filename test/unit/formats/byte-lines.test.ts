import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { RecordCursor } from '../../../src/formats/format.ts';
import { byteLines, lines } from '../../../src/formats/lines.ts';
import { cut, feedThroughOneBuffer } from '../../fixtures/reused-block.ts';

/** All records with their offsets, fed in blocks of a size. */
function read(cursor: RecordCursor<{ toString(): string }>, bytes: Buffer, blockBytes: number): [string, number][] {
  const records: [string, number][] = [];
  feedThroughOneBuffer(cursor, cut(bytes, [blockBytes]), () => {
    records.push([cursor.record.toString(), cursor.offset]);
  });
  return records;
}

const text = fc.string({ unit: fc.constantFrom('a', 'é', '🐳', '\n', '\r', '\ufeff'), maxLength: 40 });

test('lines as bytes are the lines as strings, with the same offsets', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (text, blockBytes) => {
      const bytes = Buffer.from(text);
      expect(read(byteLines().open('a', 0), bytes, blockBytes)).toEqual(read(lines().open('a', 0), bytes, blockBytes));
    }),
  );
});

test('an index into a line of bytes is a byte', () => {
  const cursor = byteLines().open('a', 0);
  cursor.feed(Buffer.from('é\nééa\n'));
  cursor.next();
  cursor.next();
  expect([cursor.offset, cursor.offsetAt(4)]).toEqual([3, 7]);
});
