// Sorts records of 100 bytes.

import type { BenchCase, Target } from '../case.ts';
import { engineRun } from '../contestants/engine.ts';
import { shellPeer } from '../contestants/peers.ts';
import { expectedFrom, expecting } from '../expected.ts';
import { memoryBounded, ratioAtMost } from '../targets.ts';

const BYTES = 'byte-view job';
const STRINGS = 'string job';
const GNU_SORT = 'GNU sort, 256 MB';

export const sortCases: readonly BenchCase[] = [
  sortCase('sort-500m', '500 MB', 500e6, [
    ratioAtMost(0.33, BYTES, GNU_SORT),
    ratioAtMost(0.85, STRINGS, GNU_SORT),
    ...memoryBounded(BYTES),
    ...memoryBounded(STRINGS),
  ]),
  sortCase('sort-1g', '1 GB', 1e9, [...memoryBounded(BYTES), ...memoryBounded(STRINGS)]),
];

function sortCase(name: string, size: string, sizeBytes: number, targets: readonly Target[]): BenchCase {
  return {
    name,
    says: `sort of ${size} of 100-byte records, all of them in order: partitions are ranges`,
    reference: GNU_SORT,
    targets,
    contestants: (bench) => {
      const input = bench.data.file('records', sizeBytes);
      const output = { sorted: true };
      const gnuSort = shellPeer(`sort --parallel=${bench.cores} -S 256M "$1"`, {
        name: GNU_SORT,
        input,
        output,
        skipped: bench.tools.lack('sort'),
      });
      const plainSort = shellPeer('sort "$1"', { name: 'sort', input, output });
      return expecting(expectedFrom(bench, plainSort), [
        engineRun({ name: BYTES, job: 'sort-bytes.ts', input, totalOrder: true }),
        engineRun({ name: STRINGS, job: 'sort-strings.ts', input, totalOrder: true }),
        gnuSort,
      ]);
    },
  };
}
