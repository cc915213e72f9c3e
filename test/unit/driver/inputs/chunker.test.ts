import { mkdirSync, rmSync } from 'node:fs';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { planChunks } from '../../../../src/driver/inputs/chunker.ts';
import { ChunkFiles } from '../../../../src/driver/inputs/chunk-files.ts';
import type { InputFile } from '../../../../src/driver/inputs/inputs.ts';
import { InputError } from '../../../../src/errors.ts';
import { readBlocks } from '../../../../src/formats/chunk/slice-blocks.ts';
import type { Slice } from '../../../../src/formats/chunk/chunk.ts';
import { readChunkFile } from '../../../../src/formats/chunk/chunk-file.ts';
import { lines } from '../../../../src/formats/lines.ts';
import { workspaceAt } from '../../../../src/workspace/paths.ts';
import { inputFile } from '../../../fixtures/input-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

/** Texts of many shapes: no lines, short lines, one line far longer than its share. */
const text = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.string({ maxLength: 6 }) },
      { weight: 1, arbitrary: fc.constantFrom('', '\r', 'é😀', 'long '.repeat(30)) },
    ),
    { maxLength: 25 },
  )
  .chain((lines) => fc.constantFrom(lines.join('\n'), lines.map((line) => `${line}\n`).join('')));
const texts = fc.array(text, { maxLength: 5 });
const chunkCount = fc.integer({ min: 1, max: 12 });

/** Calls a function with a folder that has these texts as files. */
function withFiles(root: string, texts: readonly string[]): InputFile[] {
  mkdirSync(root, { recursive: true });
  return texts.map((text, index) => inputFile(root, `input-${index}.txt`, text));
}

function bytesOf(slices: readonly Slice[]): Buffer {
  return Buffer.concat(slices.flatMap((slice) => [...readBlocks(slice)]));
}

function sizeOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { start, end }) => sum + end - start, 0);
}

test('chunks have every byte once, in order, cut at line ends, in fair shares, for any texts and any number of chunks', () => {
  const folder = temporaryFolder();
  fc.assert(
    fc.property(texts, chunkCount, (texts, count) => {
      const inputs = withFiles(folder, texts);
      const chunks = planChunks(inputs, lines(), count);
      expect(chunks).toHaveLength(count);
      expect(chunks.map(bytesOf).join('')).toBe(texts.join(''));
      const contents = texts.map((text) => Buffer.from(text));
      for (const { path, start, end } of chunks.flat()) {
        const content = contents[inputs.findIndex((input) => input.path === path)]!;
        expect(start).toBeLessThan(end);
        expect(start === 0 || content[start - 1] === 0x0a).toBe(true);
        expect(end === content.length || content[end - 1] === 0x0a).toBe(true);
      }
      const total = contents.reduce((sum, { length }) => sum + length, 0);
      const longest = Math.max(
        0,
        ...texts.flatMap((text) => text.split('\n')).map((line) => Buffer.byteLength(line) + 1),
      );
      for (const chunk of chunks) expect(sizeOf(chunk)).toBeLessThanOrEqual(Math.ceil(total / count) + longest);
    }),
    { numRuns: 120 },
  );
});

test('a format that cannot be split gets whole files, in order, in the requested number of chunks', () => {
  const folder = temporaryFolder();
  fc.assert(
    fc.property(texts, chunkCount, (texts, count) => {
      const inputs = withFiles(folder, texts);
      const chunks = planChunks(inputs, lines({ split: false }), count);
      expect(chunks).toHaveLength(count);
      expect(chunks.flat().map(({ file, start, end }) => [file, start, end])).toEqual(
        inputs.filter(({ sizeBytes }) => sizeBytes > 0).map(({ file, sizeBytes }) => [file, 0, sizeBytes]),
      );
    }),
    { numRuns: 60 },
  );
});

test('whole files are grouped so that the largest group is as small as possible', () => {
  const folder = temporaryFolder();
  const groups = (sizes: number[], count: number): number[] =>
    planChunks(
      sizes.map((size, index) => inputFile(folder, `${sizes.join('-')}-${index}`, 'x'.repeat(size))),
      lines({ split: false }),
      count,
    ).map(sizeOf);
  expect(groups([1, 1, 1, 9], 2)).toEqual([3, 9]);
  expect(groups([5, 5, 5, 5], 2)).toEqual([10, 10]);
  expect(groups([9, 1, 1, 1, 9], 3)).toEqual([9, 3, 9]);
  expect(groups([4, 4], 4)).toEqual([4, 4, 0, 0]);
});

test('lines of equal length are shared equally', () => {
  const input = inputFile(temporaryFolder(), 'even.txt', 'line 678\n'.repeat(1000));
  for (const count of [1, 2, 3, 10, 1000]) {
    const sizes = planChunks([input], lines(), count).map(sizeOf);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(9);
  }
});

test('fewer lines than chunks leave some chunks empty', () => {
  const input = inputFile(temporaryFolder(), 'two.txt', 'one\ntwo\n');
  const chunks = planChunks([input], lines(), 10);
  expect(chunks).toHaveLength(10);
  expect(chunks.flat()).toHaveLength(2);
});

test('one line without an end is one slice, for any number of chunks', () => {
  const input = inputFile(temporaryFolder(), 'line.txt', 'x'.repeat(1000));
  expect(planChunks([input], lines(), 7).flat()).toMatchObject([{ start: 0, end: 1000 }]);
});

test('empty inputs, and no inputs at all, make empty chunks', () => {
  const input = inputFile(temporaryFolder(), 'empty.txt', '');
  for (const inputs of [[], [input], [input, input]]) {
    for (const format of [lines(), lines({ split: false })]) {
      expect(planChunks(inputs, format, 3)).toEqual([[], [], []]);
    }
  }
});

test('chunk files contain the bytes, or only name them', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(folder);
  mkdirSync(workspace.chunks);
  const input = inputFile(folder, 'input.txt', 'one\ntwo\nthree\n');
  const chunks = planChunks([input], lines(), 2);
  const written = (mode: 'copy' | 'reference'): (readonly Slice[])[] => {
    new ChunkFiles(workspace, chunks, mode, 'run-1').writeAll();
    return chunks.map((_, task) => {
      const chunk = readChunkFile(workspace.chunk(task), { run: 'run-1', task });
      expect(chunk.task).toBe(task);
      return chunk.slices;
    });
  };
  const [referenced, copied] = [written('reference'), written('copy')];
  expect(referenced).toEqual(chunks);
  expect(copied.flat().every(({ bytes }) => bytes !== undefined)).toBe(true);
  rmSync(input.path);
  expect(copied.map(bytesOf).join('')).toBe('one\ntwo\nthree\n');
  expect(() => referenced.map(bytesOf)).toThrow(InputError);
});
