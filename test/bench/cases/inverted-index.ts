// An inverted index: every pair reaches its reduce, because nothing combines them.

import type { BenchCase } from '../case.ts';
import { engineRun, sequentialRun } from '../contestants/engine.ts';
import { nodePeer } from '../contestants/peers.ts';
import { expectedFrom, expecting } from '../expected.ts';
import { memoryBounded } from '../targets.ts';

const SIZE_BYTES = 100e6;
const JOB = 'inverted-index.ts';
const STRINGS = 'string job';
const SEQUENTIAL = 'sequential';

export const invertedIndexCase: BenchCase = {
  name: 'inverted-index',
  says: 'the pages of 64 KiB in which each word occurs, 100 MB of text, no combiner',
  reference: SEQUENTIAL,
  targets: memoryBounded(STRINGS),
  contestants: (bench) => {
    const input = bench.data.file('text', SIZE_BYTES);
    const node = nodePeer('inverted-index.ts', [input.path], { name: 'Node script', input });
    return expecting(expectedFrom(bench, node), [
      engineRun({ name: STRINGS, job: JOB, input }),
      sequentialRun({ name: SEQUENTIAL, job: JOB, input }),
      node,
    ]);
  },
};
