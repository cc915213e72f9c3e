import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import type { RandomAccess } from '../../../src/formats/format.ts';
import { bytePosition } from '../../../src/formats/byte-position.ts';
import { lines, MAX_LINE_BYTES } from '../../../src/formats/lines.ts';
import { cut, feedThroughOneBuffer } from '../../fixtures/reused-block.ts';

interface Line {
  readonly record: string;
  readonly offset: number;
}

/** Reads records from the part of a file that begins at `start`, block by block. */
function read(blocks: readonly Buffer[], start = 0): Line[] {
  const cursor = lines().open('file', start);
  const found: Line[] = [];
  feedThroughOneBuffer(cursor, blocks, () => found.push({ record: cursor.record, offset: cursor.offset }));
  return found;
}

/** The same, in the simplest way, with the whole part in memory. */
function split(bytes: Buffer, start = 0): Line[] {
  const found: Line[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf('\n', from);
    let line = bytes.subarray(from, end < 0 ? bytes.length : end);
    let offset = start + from;
    if (end >= 0 && line.at(-1) === 0x0d) line = line.subarray(0, -1);
    if (offset === 0 && line.toString('hex', 0, 3) === 'efbbbf') {
      line = line.subarray(3);
      offset = 3;
    }
    found.push({ record: line.toString('utf8'), offset });
    from = end < 0 ? bytes.length : end + 1;
  }
  return found;
}

const BOM = '\ufeff';
const part = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n', '\r', '\n\n', BOM).map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: fc.constantFrom('a', 'line', 'é', '😀', '\0', '\u2028').map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)) },
);
const content = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.concat(parts));
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

/** Indexes to look up in a line, in any order. */
const indices = fc.array(fc.nat({ max: 20 }), { maxLength: 6 });

test('any bytes, in blocks of any sizes, give the same lines as splitting the whole text', () => {
  fc.assert(
    fc.property(content, sizes, fc.constantFrom(0, 0, 1, 1000), (bytes, sizes, start) => {
      expect(read(cut(bytes, sizes), start)).toEqual(split(bytes, start));
    }),
    { numRuns: 1000 },
  );
});

test('the offset of a character is that of its first byte in the file', () => {
  fc.assert(
    fc.property(content, sizes, fc.constantFrom(0, 1000), indices, (bytes, sizes, start, indices) => {
      const cursor = lines().open('file', start);
      feedThroughOneBuffer(cursor, cut(bytes, sizes), () => {
        const { record, offset } = cursor;
        for (const { index, 0: character } of record.matchAll(/[^\ufffd]/gu)) {
          const from = cursor.offsetAt(index) - start;
          expect(bytes.toString('utf8', from, from + Buffer.byteLength(character))).toBe(character);
        }
        expect(cursor.offsetAt(0)).toBe(offset);
        for (const index of indices.filter((index) => index <= record.length)) {
          expect(cursor.offsetAt(index)).toBe(start + bytePosition(bytes, offset - start, bytes.length, index));
        }
      });
    }),
    { numRuns: 300 },
  );
});

test.for([
  ['nothing', '', []],
  ['a line end alone', '\n', ['']],
  ['no line end after the last line', 'a\nb', ['a', 'b']],
  ['a line end after the last line', 'a\nb\n', ['a', 'b']],
  ['empty lines', '\n\na\n\n', ['', '', 'a', '']],
  ['CR LF', 'a\r\nb\r\n', ['a', 'b']],
  ['an empty line with CR LF', '\r\n\r\n', ['', '']],
  ['two CR before LF', 'a\r\r\n', ['a\r']],
  ['CR inside of a line', 'a\rb\n', ['a\rb']],
  ['CR after the last line, without LF', 'a\r', ['a\r']],
  ['a BOM at the start', `${BOM}a\n`, ['a']],
  ['a BOM on a later line', `a\n${BOM}b\n`, ['a', `${BOM}b`]],
  ['a second BOM', `${BOM}${BOM}a`, [`${BOM}a`]],
  ['a BOM before CR LF', `${BOM}\r\n`, ['']],
  ['the line ends of other worlds', 'a\u2028b\u0085c\vd\n', ['a\u2028b\u0085c\vd']],
] as const)('lines are the text between line ends: %s', ([, text, expected]) => {
  for (const size of [1, 2, 1000]) {
    expect(read(cut(Buffer.from(text), [size])).map(({ record }) => record)).toEqual(expected);
  }
});

test('a BOM is part of the line if the slice does not begin at the start of the file', () => {
  expect(read([Buffer.from(`${BOM}a\n`)], 10)).toEqual([{ record: `${BOM}a`, offset: 10 }]);
});

test('bytes that are not UTF-8 become U+FFFD', () => {
  expect(read([Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0xa9])]).map(({ record }) => record)).toEqual([
    'a\ufffd\ufffd',
    '\ufffd',
  ]);
});

test('a line of 10 MB is one record', () => {
  const blocks = Array.from({ length: 10 }, () => Buffer.alloc(1_000_000, 'x'));
  const found = read([...blocks, Buffer.from('\nnext')]);
  expect(found.map(({ record }) => record.length)).toEqual([10_000_000, 4]);
  expect(found[1]!.offset).toBe(10_000_001);
});

test('a line that is too long is a UsageError that names its offset', () => {
  const cursor = lines().open('huge.bin', 100);
  cursor.feed(Buffer.from('first\n'));
  expect([cursor.next(), cursor.next()]).toEqual([true, false]);
  cursor.feed(Buffer.alloc(MAX_LINE_BYTES + 1));
  expect(cursor.next()).toBe(false);
  const feedMore = (): void => cursor.feed(Buffer.from('x'));
  expect(feedMore).toThrow(UsageError);
  expect(feedMore).toThrow('huge.bin: the line at byte 106');
});

test('a file of lines may be cut unless the option forbids it', () => {
  expect([lines().splittable, lines({}).splittable, lines({ split: false }).splittable]).toEqual([true, true, false]);
});

/** Bytes in memory, of which one read returns at most `most`, as may be with a file. */
function inMemory(bytes: Buffer): RandomAccess {
  return { size: bytes.length, read: (target, position) => bytes.copy(target, 0, position) };
}

test('a boundary is the first begin of a line at or after a position, or the end', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      for (let position = -1; position <= bytes.length + 1; position++) {
        const beginnings = [0, ...split(bytes).map(({ offset }) => offset), bytes.length].filter(
          (at) => at === 0 || at === bytes.length || bytes[at - 1] === 0x0a,
        );
        const expected = Math.min(...beginnings.filter((at) => at >= position), bytes.length);
        expect(lines().boundary(inMemory(bytes), position)).toBe(position <= 0 ? 0 : expected);
      }
    }),
    { numRuns: 300 },
  );
});

test('a boundary is found after a line that is longer than one read', () => {
  const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.alloc(300_000, 'x'), Buffer.from('\nb')]);
  expect(lines().boundary(inMemory(bytes), 3)).toBe(300_003);
  expect(lines().boundary(inMemory(bytes.subarray(0, 300_000)), 3)).toBe(300_000);
  for (const length of [65_535, 65_536, 65_537]) {
    const file = Buffer.concat([Buffer.alloc(length, 'x'), Buffer.from('\nb\n')]);
    expect(lines().boundary(inMemory(file), 1)).toBe(length + 1);
  }
});
