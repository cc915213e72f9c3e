import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { CorruptError } from '../../../../src/errors.ts';
import { ReadAhead } from '../../../../src/shuffle/merge/read-ahead.ts';
import { SortedFileReader } from '../../../../src/shuffle/file/sorted-file-reader.ts';
import { pairsOf, type SegmentBlocks } from '../../../../src/shuffle/file/segment-blocks.ts';
import { type Pair, writeSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

/** Writes one sorted file per list of partitions, each a list of sorted keys. Returns the paths of the files. */
function writeSortedFiles(folder: string, runs: readonly (readonly (readonly string[])[])[]): string[] {
  return runs.map((partitions, at) => {
    const path = join(folder, `sorted-${at}`);
    writeSortedFile(
      path,
      partitions.map((keys) => keys.map((key, index): Pair => [Buffer.from(key), `${at}.${index}`])),
    );
    return path;
  });
}

/** The pairs of a segment, block by block. */
function pairsIn(blocks: SegmentBlocks): Pair[] {
  const pairs: Pair[] = [];
  for (let block = blocks.next(); block !== undefined; block = blocks.next()) pairs.push(...pairsOf(block));
  return pairs;
}

function pairsOfRun(path: string, partition: number): Pair[] {
  using file = new SortedFileReader(path);
  return [...file.pairs(partition)];
}

test('segments that are read ahead are those of the files, whichever partitions are asked for', () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c'.repeat(9000)), { maxLength: 3 }).map((keys) => keys.toSorted());
  const runs = fc.array(fc.array(keys, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  const asked = fc.array(fc.nat({ max: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(runs, asked, (runs, asked) => {
      const paths = writeSortedFiles(temporaryFolder(), runs);
      const readAhead = new ReadAhead(paths);
      for (const partition of asked) {
        const held = runs.every((run) => run[partition]!.join('').length < 10_000);
        const expected = paths.map((path) => pairsOfRun(path, partition));
        expect(readAhead.segments(partition)?.map(pairsIn)).toEqual(held ? expected : undefined);
      }
    }),
    { numRuns: 60 },
  );
});

test('a file with small segments is opened once for many of them', () => {
  const paths = writeSortedFiles(temporaryFolder(), [
    [['a'], ['b'], ['c']],
    [['a'], [], ['c']],
  ]);
  const readAhead = new ReadAhead(paths);
  expect(readAhead.segments(0)).toHaveLength(2);
  for (const path of paths) rmSync(path);
  expect(
    readAhead
      .segments(2)!
      .flatMap(pairsIn)
      .map(([key]) => key.toString()),
  ).toEqual(['c', 'c']);
});

test('a segment that is too big to be held is not read ahead', () => {
  const paths = writeSortedFiles(temporaryFolder(), [[['a'], ['b'.repeat(20_000)]]]);
  const readAhead = new ReadAhead(paths);
  expect(readAhead.segments(0)).toHaveLength(1);
  expect(readAhead.segments(1)).toBeUndefined();
});

test('damage is found in segments that are read ahead, and only in the damaged ones', () => {
  const [path] = writeSortedFiles(temporaryFolder(), [[['a'], ['b']]]);
  const damaged = readFileSync(path!);
  using file = new SortedFileReader(path!);
  damaged[file.segments[1]!.offset + file.segments[1]!.bytes - 1]! ^= 1;
  writeFileSync(path!, damaged);
  const readAhead = new ReadAhead([path!]);
  expect(readAhead.segments(0)!.flatMap(pairsIn)).toHaveLength(1);
  expect(() => readAhead.segments(1)!.flatMap(pairsIn)).toThrow(CorruptError);
  expect(() => readAhead.segments(2)).toThrow('none with number 2');
});
