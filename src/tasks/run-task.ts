// Runs any attempt: loads the job that the request names, reads its parameters, and runs the map or the reduce task.

import { setImmediate } from 'node:timers/promises';

import type { AnyJob } from '../job.ts';
import { InputError } from '../errors.ts';
import { digestOf, loadJob, readParams, refuseChanges } from '../job-loading.ts';
import type { AttemptReport, TaskKind, TaskRequest } from '../protocol.ts';
import { removeQuietly } from '../state/regular-file.ts';
import { attemptOf, type Progress } from './attempt.ts';
import { Leftovers } from './leftovers.ts';
import { runMapTask } from './map-task.ts';
import { checkNothingMissing } from './missing.ts';
import { runReduceTask } from './reduce-task.ts';

export { describeFailure } from './failure.ts';
export type { Progress } from './attempt.ts';

/**
 * Runs one attempt that has been claimed, to the file that it leaves under its own name. The job is loaded once a thread;
 * where it is alone there, what it has left running is waited for.
 * @throws what `describeFailure` turns into words
 */
export async function runTask(
  kind: TaskKind,
  request: TaskRequest,
  progress: Progress,
  isAlone = false,
): Promise<AttemptReport> {
  const attempt = attemptOf(kind, request);
  try {
    const job = await jobAt(request.job);
    const params = readParams(job, request.job.params);
    using leftovers = isAlone ? new Leftovers(() => progress.place) : undefined;
    // Promises that nobody awaits, and rejections, have their turn in any case.
    const settled = (): Promise<void> => leftovers?.ended() ?? setImmediate();
    checkNothingMissing(request);
    const report = await (kind === 'map' ? runMapTask : runReduceTask)(attempt, job, params, progress, settled);
    checkNothingMissing(request);
    if (isTimeToLook()) refuseChanges(request.job.path);
    return report;
  } catch (error) {
    removeQuietly(attempt.path);
    throw error;
  }
}

/** A look at what the engine works with takes a tenth of a short attempt: of many such, one is looked after now and then. */
const LOOKED_AFTER = 16;
const LOOK_EVERY_MS = 5;
let attempts = 0;
let lookedMs = 0;

function isTimeToLook(): boolean {
  const nowMs = performance.now();
  if (++attempts > LOOKED_AFTER && nowMs - lookedMs < LOOK_EVERY_MS) return false;
  lookedMs = nowMs;
  return true;
}

/** What a thread has loaded. Node has it too, but looks at the file's path and package again, each time. */
let loaded: { readonly path: string; readonly job: AnyJob } | undefined;

/** @throws InputError where the file is not as it was when the run began: no run mixes two versions of its job */
async function jobAt({ path, digest }: TaskRequest['job']): Promise<AnyJob> {
  if (loaded?.path === path) return loaded.job;
  if (digestOf(path) !== digest) {
    throw new InputError(
      `${path}: expected the job file as it was when the run began, found it changed; run the job again with --fresh`,
    );
  }
  loaded = { path, job: await loadJob(path) };
  return loaded.job;
}
