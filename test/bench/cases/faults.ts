// Measures what faults cost: the two figures of section 5 of "MapReduce: Simplified Data Processing on Large Clusters" (Dean and
// Ghemawat, 2004), on one machine. There a sort took 44 % longer without backup tasks, and 5 % longer when 200 of 1,746
// workers were killed.

import type { BenchCase, Contestant } from '../case.ts';
import { engineRun } from '../contestants/engine.ts';
import { killedWorkerRun } from '../contestants/killed-worker.ts';
import { expectedWords } from '../contestants/word-counters.ts';
import { expecting } from '../expected.ts';

const UNDISTURBED = 'undisturbed';

const straggler: BenchCase = {
  name: 'straggler',
  says: 'word count of 500 MB in 16 map tasks, of which the last one takes ten times as long',
  onDemand: true,
  reference: UNDISTURBED,
  targets: [],
  contestants: (bench) => {
    const input = bench.data.file('text', 500e6);
    const run = (name: string, ...options: string[]): Contestant =>
      engineRun({ name, job: 'word-count-straggling.ts', input, options: ['-N', '16', '-W', '2', ...options] });
    const slow = ['--param', 'slow=map-15.1'];
    return expecting(expectedWords(bench, input), [
      run(UNDISTURBED),
      run('a straggler, with backup attempts', ...slow),
      run('a straggler, --no-backup', ...slow, '--no-backup'),
    ]);
  },
};

const killedWorker: BenchCase = {
  name: 'killed-worker',
  says: 'word count of 500 MB on nine workers, of which one is killed when half of the map tasks are committed',
  onDemand: true,
  reference: UNDISTURBED,
  targets: [],
  contestants: (bench) => {
    const input = bench.data.file('text', 500e6);
    const run = { job: 'word-count-regex.ts', input, options: ['-N', '45', '-W', '9'] };
    return expecting(expectedWords(bench, input), [
      engineRun({ name: UNDISTURBED, ...run }),
      killedWorkerRun({ name: 'one of nine workers killed', ...run }),
    ]);
  },
};

export const faultCases: readonly BenchCase[] = [straggler, killedWorker];
