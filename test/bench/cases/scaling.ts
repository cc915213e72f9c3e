// Measures what more workers gain, and what more input costs.

import type { Bench, BenchCase, Contestant, Target } from '../case.ts';
import { engineRun } from '../contestants/engine.ts';
import { expectedWords } from '../contestants/word-counters.ts';
import { expecting } from '../expected.ts';
import { costRatioAtMost, efficiencyAtLeast } from '../targets.ts';

const JOB = 'word-count-words.ts';
const BUILT_IN = 'word-count';
/** In a tenfold input, a megabyte may cost at most this many times as much. */
const MOST_GROWTH = 1.15;

const parallel: BenchCase = {
  name: 'parallel',
  says: 'word count of 1 GB, string job with words(): one worker, two, and eight',
  reference: '1 worker',
  targets: [efficiencyAtLeast(0.93, '1 worker', '2 workers', 2)],
  contestants: (bench) => {
    const input = bench.data.file('text', 1e9);
    const withWorkers = (name: string, workers: string): Contestant =>
      engineRun({ name, job: JOB, input, options: ['-W', workers] });
    return expecting(expectedWords(bench, input), [
      withWorkers('1 worker', '1'),
      withWorkers('2 workers', '2'),
      withWorkers('8 workers', '8'),
    ]);
  },
};

const growth: BenchCase = {
  name: 'growth',
  says: 'word count of 100 MB and of 1 GB: what a megabyte costs',
  reference: `${JOB}, 100 MB`,
  targets: [growthAtMost(JOB, '1 GB', '100 MB'), growthAtMost(BUILT_IN, '1 GB', '100 MB')],
  contestants: (bench) => [...ofSize(bench, '100 MB', 100e6), ...ofSize(bench, '1 GB', 1e9)],
};

const growthToTen: BenchCase = {
  name: 'growth-10g',
  says: 'word count of 1 GB and of 10 GB: what a megabyte costs',
  onDemand: true,
  reference: `${JOB}, 1 GB`,
  targets: [growthAtMost(JOB, '10 GB', '1 GB'), growthAtMost(BUILT_IN, '10 GB', '1 GB')],
  contestants: (bench) => [...ofSize(bench, '1 GB', 1e9), ...ofSize(bench, '10 GB', 10e9)],
};

export const scalingCases: readonly BenchCase[] = [parallel, growth, growthToTen];

function ofSize(bench: Bench, size: string, sizeBytes: number): Contestant[] {
  const input = bench.data.file('text', sizeBytes);
  const options = ['--param', 'words=letters', '--param', 'case=keep'];
  return expecting(expectedWords(bench, input), [
    engineRun({ name: `${JOB}, ${size}`, job: JOB, input }),
    engineRun({ name: `${BUILT_IN}, ${size}`, job: BUILT_IN, input, options }),
  ]);
}

function growthAtMost(job: string, large: string, small: string): Target {
  return costRatioAtMost(MOST_GROWTH, `${job}, ${large}`, `${job}, ${small}`);
}
