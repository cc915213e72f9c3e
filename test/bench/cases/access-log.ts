// A report on an access log: few keys, and values that are not numbers.

import type { BenchCase } from '../case.ts';
import { engineRun, sequentialRun } from '../contestants/engine.ts';
import { duckdbPeer, linesTable, nodePeer, peerPath, shellPeer } from '../contestants/peers.ts';
import { expectedFrom, expecting } from '../expected.ts';

const SIZE_BYTES = 500e6;
const NODE = 'Node script';

export const accessLogCase: BenchCase = {
  name: 'access-log',
  says: 'hits and bytes of each path and status, 500 MB in the common log format',
  reference: NODE,
  targets: [],
  contestants: (bench) => {
    const { tools, cores } = bench;
    const input = bench.data.file('access-log', SIZE_BYTES);
    const node = nodePeer('access-log-report.ts', [input.path], { name: NODE, input });
    const awk = shellPeer(
      'mawk -f "$2" "$1"',
      { name: 'mawk', input, skipped: tools.lack('mawk') },
      peerPath('access-log-report.awk'),
    );
    const duckdb = duckdbPeer(
      `SELECT f[7] || ' ' || f[9], count(*) || ' ' || sum(coalesce(try_cast(f[10] AS BIGINT), 0))
       FROM (SELECT string_split(line, ' ') AS f FROM ${linesTable(input.path)}) GROUP BY f[7], f[9]`,
      cores,
      { name: 'DuckDB', input, skipped: tools.lack('duckdb') },
    );
    return expecting(expectedFrom(bench, node), [
      engineRun({ name: 'string job', job: 'access-log-report.ts', input }),
      sequentialRun({ name: 'sequential', job: 'access-log-report.ts', input }),
      node,
      awk,
      duckdb,
    ]);
  },
};
