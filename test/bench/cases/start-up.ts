// Measures what a run with little work costs: starting, requests, many small tasks.

import type { BenchCase } from '../case.ts';
import { engineRun, sequentialRun } from '../contestants/engine.ts';
import { answers, askForHealth, askInVain, askWithoutChunk, startUp } from '../contestants/servers.ts';
import { standingRun } from '../contestants/standing.ts';
import { expectedWords, wordsInNode } from '../contestants/word-counters.ts';
import { expecting } from '../expected.ts';
import { differenceAtMost, memoryBounded, ratioAtMost, secondsAtMost } from '../targets.ts';

const ROUNDS = 7;
const JOB = 'word-count';
const LETTERS = ['--param', 'words=letters', '--param', 'case=keep'];
const MANY = [...LETTERS, '-N', '1000', '-M', '1000'];
const FEW = [...LETTERS, '-N', '2', '-M', '2'];
const THIRTY = [...LETTERS, '-N', '30', '-M', '30'];

const COLD = 'driver only';
const WARM = 'a worker a core waits';

const coldStart: BenchCase = {
  name: 'cold-start',
  says: 'word count of 5 MB, N = M = 30, from command to exit',
  leastRounds: ROUNDS,
  reference: COLD,
  targets: [secondsAtMost(0.8, COLD), secondsAtMost(0.4, WARM)],
  contestants: (bench) => {
    const input = bench.data.file('text', 5e6);
    return expecting(expectedWords(bench, input), [
      engineRun({ name: COLD, job: JOB, input, options: THIRTY }),
      standingRun(bench, bench.cores, { name: WARM, job: JOB, input, options: THIRTY }),
      standingRun(bench, 30, { name: '30 workers wait', job: JOB, input, options: THIRTY }),
      sequentialRun({ name: 'sequential', job: JOB, input, options: LETTERS }),
      wordsInNode(input, 1, 'Node script'),
    ]);
  },
};

const MANY_TASKS = '1,000 × 1,000 tasks';
const FEW_TASKS = '2 × 2 tasks';

const tasks: BenchCase = {
  name: 'tasks',
  says: 'word count of 50 MB in many tasks and in few; a 2,000th of the difference is what a task costs',
  reference: FEW_TASKS,
  targets: [differenceAtMost(5, MANY_TASKS, FEW_TASKS), ...memoryBounded(MANY_TASKS), ...memoryBounded(FEW_TASKS)],
  contestants: (bench) => {
    const input = bench.data.file('text', 50e6);
    return expecting(expectedWords(bench, input), [
      engineRun({ name: MANY_TASKS, job: JOB, input, options: MANY }),
      engineRun({ name: FEW_TASKS, job: JOB, input, options: FEW }),
    ]);
  },
};

const TWO_WORKERS = 'two workers';
const TWO_BARE = 'two bare node:http servers';

const workersReady: BenchCase = {
  name: 'workers-ready',
  says: 'from spawn until both processes have reported that they listen',
  leastRounds: ROUNDS,
  reference: TWO_BARE,
  targets: [ratioAtMost(1.5, TWO_WORKERS, TWO_BARE)],
  contestants: () => [startUp(TWO_WORKERS, 'worker', 2), startUp(TWO_BARE, 'bare node:http server', 2)],
};

const REQUESTS = 2000;
const REFUSED = 'tasks that a worker refuses';
const GIVEN_UP = 'tasks that its thread gives up';
const BARE = 'POSTs to a bare node:http server';
const BARE_THREAD = 'POSTs to one whose thread answers';

const controlPlane: BenchCase = {
  name: 'control-plane',
  says:
    `${REQUESTS} task requests one after another, undici Pool, one connection kept alive. A refused task is checked like any other, ` +
    'and run.json is read. A task that is not refused goes to the thread of the user’s code and back, as in a bare server whose ' +
    'thread answers, and a file is made for it; here its chunk is missing, and the file is removed again',
  leastRounds: ROUNDS,
  reference: BARE,
  targets: [ratioAtMost(1.5, REFUSED, BARE)],
  contestants: () => [
    answers(REFUSED, 'worker', REQUESTS, askInVain),
    answers(GIVEN_UP, 'worker', REQUESTS, askWithoutChunk),
    answers('GET /health of a worker', 'worker', REQUESTS, askForHealth),
    answers(BARE, 'bare node:http server', REQUESTS, askInVain),
    answers(BARE_THREAD, 'bare node:http server with a thread', REQUESTS, askInVain),
  ],
};

export const startUpCases: readonly BenchCase[] = [coldStart, tasks, workersReady, controlPlane];
