// The thread in which the user's code runs: takes one attempt after another, shares its progress, answers with a result.

import { parentPort, workerData } from 'node:worker_threads';

import { describeFailure, runTask } from '../tasks/run-task.ts';
import type { AnswerLine } from '../protocol.ts';
import { type AttemptOrder, SharedProgress } from './shared-progress.ts';

const progress = new SharedProgress(workerData as SharedArrayBuffer);

parentPort!.on('message', (order: AttemptOrder) => {
  void runAttempt(order).then((line) => parentPort!.postMessage(line));
});

async function runAttempt({ kind, request }: AttemptOrder): Promise<AnswerLine> {
  progress.reset();
  try {
    return { type: 'done', report: await runTask(kind, request, progress) };
  } catch (error) {
    return { type: 'failed', failure: describeFailure(error) };
  }
}
