import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { RecordCursor } from '../../../src/formats/format.ts';
import { byteLines, lines } from '../../../src/formats/lines.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { cut, feedThroughOneBuffer } from '../../fixtures/reused-block.ts';

/** All records with their offsets, from blocks of a given size. */
function read(
  cursor: RecordCursor<{ toString(): string }>,
  bytes: Buffer,
  blockBytes: number,
  target?: Buffer,
): [string, number][] {
  const records: [string, number][] = [];
  const take = (): void => void records.push([cursor.record.toString(), cursor.offset]);
  feedThroughOneBuffer(cursor, cut(bytes, [blockBytes]), take, target);
  return records;
}

const text = fc.string({ unit: fc.constantFrom('a', 'é', '🐳', '\n', '\r', '\ufeff'), maxLength: 40 });

test('lines as bytes are the same as lines as strings, with the same offsets', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (text, blockBytes) => {
      const bytes = Buffer.from(text);
      expect(read(byteLines().open('a', 0), bytes, blockBytes)).toEqual(read(lines().open('a', 0), bytes, blockBytes));
    }),
  );
});

test('an index into a line of bytes is that of a byte', () => {
  const cursor = byteLines().open('a', 0);
  cursor.feed(Buffer.from('é\nééa\n'));
  cursor.next();
  cursor.next();
  expect([cursor.offset, cursor.offsetAt(4)]).toEqual([3, 7]);
});

test('lines in the memory of a kernel are the same as those in other memory', () => {
  using kernel = Kernel.lease(1000);
  const line = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ minLength: 60, maxLength: 200 }));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 50 }),
      fc.constantFrom('', '\n'),
      fc.nat(3000),
      (lines, end, blockBytes) => {
        const bytes = Buffer.from(lines.join('\n') + end);
        const cursor = (): RecordCursor<{ toString(): string }> => byteLines().open('a', 0);
        expect(read(cursor(), bytes, blockBytes + 1, kernel.text)).toEqual(read(cursor(), bytes, blockBytes + 1));
      },
    ),
  );
});

test('a block with more lines than the kernel finds at a time is read to its end', () => {
  using kernel = Kernel.lease(1000);
  const bytes = Buffer.from(`${'\n'.repeat(3000)}${'a\n'.repeat(3000)}the last`);
  const found = read(byteLines().open('a', 0), bytes, bytes.length, kernel.text);
  expect(found).toHaveLength(6001);
  expect([found[2999], found[3000], found[6000]]).toEqual([
    ['', 2999],
    ['a', 3000],
    ['the last', 9000],
  ]);
});
