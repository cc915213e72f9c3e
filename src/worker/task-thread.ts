// The thread in which the user's code runs: receives one attempt after another, shares its progress, sends the result.

import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

import { describeFailure, runTask } from '../tasks/run-task.ts';
import type { AnswerLine } from '../protocol.ts';
import { printAtOnce } from './print-at-once.ts';
import { type AttemptOrder, SharedProgress } from './shared-progress.ts';
import { tellExits } from './tell-exit.ts';

const progress = new SharedProgress(workerData as SharedArrayBuffer);
let isKept = false;

tellExits();
printAtOnce(() => void progress.steps++);

parentPort!.on('message', (order: AttemptOrder) => {
  void runAttempt(order).then((line) => {
    if (order.kind === 'reduce') keepCompiled();
    parentPort!.postMessage(line);
  });
});

async function runAttempt({ kind, request }: AttemptOrder): Promise<AnswerLine> {
  progress.isWaiting = false;
  try {
    // A rejection that nobody awaits ends the thread now, while the attempt that it belongs to is still the current one.
    return { type: 'done', report: await runTask(kind, request, progress, true) };
  } catch (error) {
    return { type: 'failed', failure: describeFailure(error, request) };
  }
}

/**
 * Writes compiled code to the cache. Once a reduce task has run, everything that attempts need has been compiled. The cache
 * keeps a module as it is first written, so earlier would be worse; later may be never, because a thread is ended from outside.
 */
function keepCompiled(): void {
  if (isKept) return;
  isKept = true;
  flushCompileCache();
}
