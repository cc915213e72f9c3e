// Measures how large the processes of a run become: with more keys than a table holds, and more values of a key than a list holds.

import type { BenchCase, Contestant } from '../case.ts';
import { engineRun } from '../contestants/engine.ts';
import { peerPath, shellPeer } from '../contestants/peers.ts';
import type { DatasetKind } from '../data/datasets.ts';
import { expectedFrom, expecting } from '../expected.ts';
import { memoryBounded } from '../targets.ts';

const KEYS = '10 million keys';
const VALUES = '100 million values';
const DISTINCT_KEY_BYTES = 22;
const NUMBER_BYTES = 8;

export const memoryCases: readonly BenchCase[] = [
  memoryCase({
    name: 'memory-keys',
    says: 'count of 10 million distinct keys',
    contestant: KEYS,
    job: 'path-count.ts',
    kind: 'distinct-keys',
    sizeBytes: 10e6 * DISTINCT_KEY_BYTES,
    script: String.raw`awk '{ print $0 "\t1" }' "$1"`,
  }),
  memoryCase({
    name: 'memory-values',
    says: 'one key with 100 million values, no combiner',
    contestant: VALUES,
    job: 'one-key.ts',
    kind: 'numbers',
    sizeBytes: 100e3 * NUMBER_BYTES,
    script: `awk -f ${peerPath('one-key.awk')} "$1"`,
  }),
];

interface MemoryCase {
  readonly name: string;
  readonly says: string;
  readonly contestant: string;
  readonly job: string;
  readonly kind: DatasetKind;
  readonly sizeBytes: number;
  /** The command that prints the expected output. */
  readonly script: string;
}

function memoryCase({ name, says, contestant, job, kind, sizeBytes, script }: MemoryCase): BenchCase {
  return {
    name,
    says,
    reference: contestant,
    targets: memoryBounded(contestant),
    contestants: (bench): readonly Contestant[] => {
      const input = bench.data.file(kind, sizeBytes);
      const expected = expectedFrom(bench, shellPeer(script, { name, input }));
      return expecting(expected, [engineRun({ name: contestant, job, input })]);
    },
  };
}
