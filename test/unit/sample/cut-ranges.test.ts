import { expect, test } from 'vitest';

import { cutRanges } from '../../../src/sample/cut-ranges.ts';
import { writeManifest, readManifest } from '../../../src/workspace/run-manifest.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

function keysOf(ranges: readonly string[]): string[] {
  return ranges.map((key) => Buffer.from(key, 'base64').toString('latin1'));
}

test('ranges are cut into equal parts of the sample, in the order of bytes', () => {
  expect(keysOf(cutRanges(['d', '\xff', 'a', 'c', 'b', 'a\0'], 3))).toEqual(['b', 'd']);
  expect(keysOf(cutRanges([], 3))).toEqual(['', '']);
});

test('ranges are in order and fit the manifest of a run, for any number of them and any length of keys', () => {
  const keys = Array.from({ length: 200 }, (_, at) => `${'x'.repeat(100_000)}${String(at).padStart(3, '0')}`);
  const path = `${temporaryFolder()}/run.json`;
  for (const reduceCount of [2, 300, 100_000]) {
    const firstKeys = cutRanges(keys, reduceCount);
    expect(keysOf(firstKeys).toSorted()).toEqual(keysOf(firstKeys));
    writeManifest(path, { id: 'run-1', job: '/job.ts', mapCount: 100_000, reduceCount, firstKeys });
    expect(readManifest(path)?.firstKeys).toHaveLength(reduceCount - 1);
  }
});
