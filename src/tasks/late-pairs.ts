// What came too late to be in the output of an attempt that had ended well. No other attempt makes that good: the run ends.

import type { Place, TaskRequest } from '../protocol.ts';
import { TaskFailure } from './failure.ts';

type Run = Pick<TaskRequest, 'dir' | 'runId'>;

/** The first of it that came in this thread, and of which run it is. */
let missing: { readonly run: Run; readonly failure: TaskFailure } | undefined;

export function noteMissing(run: Run, message: string, place?: Place): void {
  if (missing !== undefined && isSame(missing.run, run)) return;
  missing = { run, failure: new TaskFailure({ kind: 'usage', message, ...(place === undefined ? {} : { place }) }) };
}

/** @throws TaskFailure if something is missing in what an attempt of this run has left */
export function checkNothingMissing(run: Run): void {
  if (missing !== undefined && isSame(missing.run, run)) throw missing.failure;
}

function isSame(a: Run, b: Run): boolean {
  return a.dir === b.dir && a.runId === b.runId;
}
