import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import { byteBlocks } from '../../../src/formats/byte-blocks.ts';
import { lines, MAX_LINE_BYTES } from '../../../src/formats/lines.ts';
import { cut, feedThroughOneBuffer } from '../../fixtures/reused-block.ts';

interface Block {
  readonly bytes: Buffer;
  readonly offset: number;
}

/** All records of a file from `start` on. */
function read(blocks: readonly Buffer[], start = 0): Block[] {
  const cursor = byteBlocks().open('file', start);
  const found: Block[] = [];
  feedThroughOneBuffer(cursor, blocks, () => {
    const { buffer, start, end } = cursor.record;
    found.push({ bytes: Buffer.from(buffer.subarray(start, end)), offset: cursor.offset });
    expect(cursor.offsetAt(2)).toBe(cursor.offset + 2);
  });
  return found;
}

const BOM = '\ufeff';
const part = fc.oneof(
  fc.constantFrom('\n', '\r\n', '\n\n', BOM, 'a', 'line', 'é', '😀').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
);
const content = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.concat(parts));
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test('records are all bytes except a BOM, cut between lines, each with its offset in the file', () => {
  fc.assert(
    fc.property(content, sizes, fc.constantFrom(0, 0, 1000), (bytes, sizes, start) => {
      const hasMark = start === 0 && bytes.toString('hex', 0, 3) === 'efbbbf';
      let at = hasMark ? 3 : 0;
      for (const block of read(cut(bytes, sizes), start)) {
        expect(block.offset).toBe(start + at);
        expect(block.bytes.equals(bytes.subarray(at, at + block.bytes.length))).toBe(true);
        at += block.bytes.length;
        expect(at === bytes.length || bytes[at - 1] === 0x0a).toBe(true);
      }
      expect(at).toBe(Math.max(bytes.length, at));
      expect(at).toBeGreaterThanOrEqual(bytes.length);
    }),
    { numRuns: 1000 },
  );
});

test('the lines of all blocks are the lines of the file', () => {
  fc.assert(
    fc.property(content, sizes, (bytes, sizes) => {
      const cursor = lines().open('file', 0);
      const wanted: string[] = [];
      feedThroughOneBuffer(cursor, [bytes], () => wanted.push(cursor.record));
      const found = read(cut(bytes, sizes)).flatMap(({ bytes }) => bytes.toString().split(/\r?\n/).slice(0, -1));
      const last = read(cut(bytes, sizes)).at(-1)?.bytes.toString().split('\n').at(-1);
      if (last !== undefined && (last !== '' || found.length < wanted.length)) found.push(last);
      expect(found).toEqual(wanted);
    }),
  );
});

test('the whole lines of a block are one record, and a line that spans blocks is another', () => {
  const found = read([Buffer.from('a\nb\nc'), Buffer.from('c'), Buffer.from('c\nd\ne\n'), Buffer.from('f')]);
  expect(found.map(({ bytes }) => bytes.toString())).toEqual(['a\nb\n', 'ccc\n', 'd\ne\n', 'f']);
});

test('a line of 10 MB is one record', () => {
  const blocks = Array.from({ length: 10 }, () => Buffer.alloc(1_000_000, 'x'));
  const found = read([...blocks, Buffer.from('\nnext')]);
  expect(found.map(({ bytes, offset }) => [bytes.length, offset])).toEqual([
    [10_000_001, 0],
    [4, 10_000_001],
  ]);
});

test('a line that is too long is a UsageError that names its offset', () => {
  const cursor = byteBlocks().open('huge.bin', 100);
  cursor.feed(Buffer.from('first\n'));
  while (cursor.next());
  cursor.feed(Buffer.alloc(MAX_LINE_BYTES));
  expect(cursor.next()).toBe(false);
  const feedMore = (): void => cursor.feed(Buffer.from('x'));
  expect(feedMore).toThrow(UsageError);
  expect(feedMore).toThrow('huge.bin: the line at byte 106');
});

test('an empty file has no records', () => {
  expect(read([])).toEqual([]);
});
