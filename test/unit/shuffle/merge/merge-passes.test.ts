import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { CorruptError } from '../../../../src/errors.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { MergeWindows } from '../../../../src/shuffle/merge/merge-windows.ts';
import { MergedPairs } from '../../../../src/shuffle/merge/merged-pairs.ts';
import { MergePasses } from '../../../../src/shuffle/merge/merge-passes.ts';
import { byKey, type Pair, pairsOf, writeSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const PARTITIONS = 3;
const BUFFER_BYTES = 1 << 16;

function mergedPairs(merge: MergeWindows): Pair[] {
  return pairsOf(new MergedPairs(merge));
}

/** Writes sorted files whose values name their origin. Returns the paths of the files and their pairs. */
function writeSortedFiles(
  folder: string,
  keys: readonly (readonly string[])[],
): { paths: string[]; pairs: Pair[][][] } {
  const pairs = keys.map((run, at) =>
    Array.from({ length: PARTITIONS }, (_, partition) =>
      run.map((key, index): Pair => [Buffer.from(key), `${at}.${partition}.${index}`]).toSorted(byKey),
    ),
  );
  const paths = pairs.map((run, at) => {
    const path = join(folder, `sorted-${at}`);
    writeSortedFile(path, run);
    return path;
  });
  return { paths, pairs };
}

test('any number of sorted files is merged stably, whatever the fan-in, and passes leave nothing over', () => {
  const keys = fc.array(fc.array(fc.constantFrom('', 'a', 'b', 'é'), { maxLength: 6 }), { maxLength: 20 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 2, max: 6 }), fc.subarray([0, 1, 2]), (keys, fanIn, partitions) => {
      const folder = temporaryFolder();
      const { paths, pairs } = writeSortedFiles(folder, keys);
      const path = join(folder, 'merged');
      {
        using kernel = Kernel.lease(BUFFER_BYTES);
        using merge = new MergePasses(paths, { partitions, fanIn, path, kernel });
        const expected = partitions.map((partition) => pairs.flatMap((run) => run[partition]!).toSorted(byKey));
        expect(Array.from(merge.merged(), mergedPairs)).toEqual(expected);
        expect(readdirSync(folder).filter((name) => name.includes('.pass-')).length).toBeLessThanOrEqual(fanIn);
      }
      expect(readdirSync(folder).sort()).toEqual(paths.map((_, at) => `sorted-${at}`).sort());
    }),
    { numRuns: 60 },
  );
});

test('a combiner is applied in each pass', () => {
  const folder = temporaryFolder();
  const paths = Array.from({ length: 9 }, (_, at) => {
    const path = join(folder, `sorted-${at}`);
    writeSortedFile(path, [[[Buffer.from('key'), 1]]]);
    return path;
  });
  const combiner = { combine: () => -1, fold: (a: number, b: number) => a + b };
  using kernel = Kernel.lease(BUFFER_BYTES);
  const path = join(folder, 'merged');
  using merge = new MergePasses(paths, { partitions: [0], fanIn: 3, combiner, path, kernel });
  const [merged] = merge.merged();
  expect(mergedPairs(merged!).map(([, value]) => value)).toEqual([3, 3, 3]);
});

test('a sorted file that is missing is a CorruptError, and passes leave nothing over', () => {
  const folder = temporaryFolder();
  const { paths } = writeSortedFiles(folder, [['a'], ['b'], ['c'], ['d']]);
  using kernel = Kernel.lease(BUFFER_BYTES);
  const options = { partitions: [0], fanIn: 2, path: join(folder, 'merged'), kernel };
  expect(() => new MergePasses([...paths, join(folder, 'missing')], options)).toThrow(CorruptError);
  expect(readdirSync(folder)).toHaveLength(4);
});
