// Notes pairs that are missing from the output of an attempt that had ended. No later attempt can make up for them, so the run fails.

import type { Place, TaskRequest } from '../protocol.ts';
import { TaskFailure } from './failure.ts';

type Run = Pick<TaskRequest, 'dir' | 'runId'>;

/** The first such pair in this thread, with its run. */
let missing: { readonly run: Run; readonly failure: TaskFailure } | undefined;

export function noteMissing(run: Run, message: string, place?: Place): void {
  if (missing !== undefined && isSame(missing.run, run)) return;
  missing = { run, failure: new TaskFailure({ kind: 'usage', message, ...(place === undefined ? {} : { place }) }) };
}

/** @throws TaskFailure if the output of an attempt of this run lacks a pair. */
export function checkNothingMissing(run: Run): void {
  if (missing !== undefined && isSame(missing.run, run)) throw missing.failure;
}

function isSame(a: Run, b: Run): boolean {
  return a.dir === b.dir && a.runId === b.runId;
}
