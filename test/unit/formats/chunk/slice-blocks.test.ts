import { closeSync, openSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { InputError } from '../../../../src/errors.ts';
import { readBlocks } from '../../../../src/formats/chunk/slice-blocks.ts';
import { randomAccess } from '../../../../src/formats/random-access.ts';
import type { Slice } from '../../../../src/formats/chunk/chunk.ts';
import { inputFile } from '../../../fixtures/input-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

/** The slice of a new file with this content. */
function sliceOf(content: string | Uint8Array, start = 0, end?: number): Slice {
  const input = inputFile(temporaryFolder(), 'input.txt', content);
  return { ...input, file: 'named/input.txt', start, end: end ?? input.sizeBytes };
}

test('a slice by reference is read from its range of the file', () => {
  const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 31) % 251));
  for (const [start, end] of [
    [0, 3_000_000],
    [5, 6],
    [7, 7],
    [1_048_570, 2_999_999],
  ] as const) {
    const blocks = [...readBlocks(sliceOf(content, start, end))];
    expect(Buffer.concat(blocks).equals(content.subarray(start, end))).toBe(true);
    expect(blocks.every((block) => block.length <= 1 << 20)).toBe(true);
  }
});

test('blocks do not change while others are read', () => {
  const content = Buffer.concat([Buffer.alloc(1 << 20, 'a'), Buffer.alloc(1 << 20, 'b')]);
  const blocks = [...readBlocks(sliceOf(content))];
  expect(blocks.map((block) => block.toString('latin1', 0, 2))).toEqual(['aa', 'bb']);
});

test('a slice that carries its bytes needs no file', () => {
  const bytes = Buffer.from('-- carried --').subarray(3, 10);
  const slice = { file: 'a', path: '/nowhere', start: 0, end: 7, sizeBytes: 7, mtimeMs: 0, bytes };
  expect(Buffer.concat([...readBlocks(slice)]).toString()).toBe('carried');
});

/** The content of each block while it is valid, and whether it is in the target. */
function throughTarget(slice: Slice, target: Buffer): Buffer {
  return Buffer.concat(
    Array.from(readBlocks(slice, target), (block) => {
      expect([block.buffer, block.byteOffset]).toEqual([target.buffer, target.byteOffset]);
      expect(block.length).toBeLessThanOrEqual(target.length);
      const held = Buffer.from(block);
      target.fill(0);
      return held;
    }),
  );
}

test.for([1, 3, 1000, 1 << 20, (1 << 20) + 1, 3 << 20])(
  'with a target, each block is in it until the next one is asked for: of %i bytes',
  (targetBytes) => {
    const content = Buffer.from(
      Array.from({ length: Math.min(targetBytes * 3, 2_500_000) }, (_, at) => (at * 31) % 251),
    );
    const slice = sliceOf(content, 1, content.length - 1);
    const inner = content.subarray(1, -1);
    for (const bytes of [undefined, inner]) {
      const target = Buffer.alloc(targetBytes + 10).subarray(5, targetBytes + 5);
      expect(throughTarget(bytes === undefined ? slice : { ...slice, bytes }, target).equals(inner)).toBe(true);
    }
  },
);

test('an input that has grown is an InputError that names it', () => {
  const slice = sliceOf('some text\n', 0, 4);
  writeFileSync(slice.path, 'more\n', { flag: 'a' });
  expect(() => [...readBlocks(slice)]).toThrow(InputError);
  expect(() => [...readBlocks(slice)]).toThrow(/named\/input\.txt.*expected 10 bytes.*found 15 bytes/);
});

test('an input with another time of change is an InputError, even if its size is the same', () => {
  const slice = sliceOf('some text\n');
  utimesSync(slice.path, new Date(), new Date(slice.mtimeMs + 5000));
  expect(() => [...readBlocks(slice)]).toThrow(InputError);
});

test('an input that is gone is an InputError that names it', () => {
  const slice = sliceOf('some text\n');
  rmSync(slice.path);
  expect(() => [...readBlocks(slice)]).toThrow(InputError);
  expect(() => [...readBlocks(slice)]).toThrow('named/input.txt');
});

test('a file that ends before its slice does is an InputError', () => {
  const slice = sliceOf('some text\n');
  expect(() => [...readBlocks({ ...slice, end: 100 })]).toThrow(/it ends at byte 10/);
});

test('random access reads up to the size that the file had when it was opened, and no further', () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, 'abcdef');
  const fd = openSync(path, 'r');
  try {
    const file = randomAccess(fd, 5);
    const target = Buffer.alloc(4, '-');
    expect([file.read(target, 3), target.toString()]).toEqual([2, 'de--']);
    expect(file.read(target, 5)).toBe(0);
  } finally {
    closeSync(fd);
  }
  expect(readFileSync(path, 'utf8')).toBe('abcdef');
});
