// Counts keys that are nearly all distinct, for which a table saves nothing.

import type { BenchCase } from '../case.ts';
import { engineRun } from '../contestants/engine.ts';
import { duckdbPeer, linesTable, shellPeer } from '../contestants/peers.ts';
import { expectedFrom, expecting } from '../expected.ts';
import { memoryBounded, ratioAtMost } from '../targets.ts';

const SIZE_BYTES = 472e6;
const STRINGS = 'string job';
const BYTES = 'byte-view job';
const DUCKDB = 'DuckDB, ordered';
const COREUTILS = 'sort | uniq -c';

export const pathsCase: BenchCase = {
  name: 'paths',
  says: 'count of 7.3 million paths, nearly all distinct; results sorted, ours within each of M outputs',
  reference: COREUTILS,
  targets: [
    ratioAtMost(0.8, STRINGS, DUCKDB),
    ratioAtMost(0.95, STRINGS, COREUTILS),
    ...memoryBounded(STRINGS),
    ...memoryBounded(BYTES),
  ],
  contestants: (bench) => {
    const { tools, cores } = bench;
    const input = bench.data.file('paths', SIZE_BYTES);
    const output = { countsFirst: true };
    const coreutils = shellPeer(`sort --parallel=${cores} -S 512M "$1" | uniq -c`, {
      name: COREUTILS,
      input,
      output,
      skipped: tools.lack('sort'),
    });
    const duckdb = duckdbPeer(
      `SELECT line, count(*) FROM ${linesTable(input.path)} GROUP BY line ORDER BY line`,
      cores,
      {
        name: DUCKDB,
        input,
        output: { sorted: true },
        skipped: tools.lack('duckdb'),
      },
    );
    const plainCount = shellPeer('sort "$1" | uniq -c', { name: 'sort | uniq -c', input, output });
    return expecting(expectedFrom(bench, plainCount), [
      engineRun({ name: STRINGS, job: 'path-count.ts', input }),
      engineRun({ name: BYTES, job: 'path-count-bytes.ts', input }),
      coreutils,
      duckdb,
    ]);
  },
};
