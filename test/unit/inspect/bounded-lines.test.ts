import { crc32 } from 'node:zlib';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { boundedLines, type LeftOut } from '../../../src/inspect/bounded-lines.ts';

/** The lines of a text whose blocks all have the same memory. */
function linesOf(text: string, mostBytes: number, blockBytes: number): [string, LeftOut | undefined][] {
  const bytes = Buffer.from(text);
  const block = Buffer.alloc(blockBytes);
  function* blocks(): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += blockBytes)
      yield block.subarray(0, bytes.copy(block, 0, at, at + blockBytes));
  }
  return Array.from(boundedLines(blocks(), mostBytes), (line) => [line.toString(), line.leftOut]);
}

test('lines within the bound are whole, however blocks divide them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a\té]{0,9}$/)),
      fc.boolean(),
      fc.integer({ min: 1, max: 30 }),
      (lines, isEnded, blockBytes) => {
        const text = lines
          .map((line) => `${line}\n`)
          .join('')
          .slice(0, isEnded ? undefined : -1);
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(linesOf(text, 30, blockBytes)).toEqual(expected.map((line) => [line, undefined]));
      },
    ),
  );
});

test.for([1, 2, 7, 100])(
  'a key and a value beyond the bound are each shortened, in blocks of %i bytes',
  (blockBytes) => {
    const line = (bytes: string, isOfValue: boolean): LeftOut => ({
      bytes: bytes.length,
      checksum: crc32(bytes),
      isOfValue,
    });
    expect(linesOf('a\nkeykey\t1\nk\tvalue\nkeykey\tvalue\nkeykey\nkey\tval\n', 3, blockBytes)).toEqual([
      ['a', undefined],
      ['key\t1', line('key', false)],
      ['k\tval', line('ue', true)],
      ['key\tval', line('keyue', true)],
      ['key', line('key', false)],
      ['key\tval', undefined],
    ]);
  },
);
