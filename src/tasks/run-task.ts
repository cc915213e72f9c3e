// Runs an attempt: loads the job that the request names, reads its parameters, and runs the map or the reduce task.

import { setImmediate } from 'node:timers/promises';

import type { AnyJob } from '../job.ts';
import { InputError } from '../errors.ts';
import { importCount, loadJob, partsOfJob, readParams, refuseChanges } from '../job-loading/load-job.ts';
import { changedPart, changeMsOf, digestOfParts, type JobPart } from '../job-loading/module-graph.ts';
import type { AttemptReport, TaskRequest } from '../protocol.ts';
import type { TaskKind } from '../task-ids.ts';
import type { JobSurroundings } from '../workspace/job-file.ts';
import { removeQuietly } from '../machine/regular-file.ts';
import { attemptOf, type Progress } from './attempt.ts';
import { enterSurroundings } from './enter-environment.ts';
import { Leftovers } from './leftovers.ts';
import { runMapTask } from './map-task.ts';
import { checkNothingMissing } from './late-pairs.ts';
import { runReduceTask } from './reduce-task.ts';

export { describeFailure } from './failure.ts';
export type { Progress } from './attempt.ts';

/**
 * Runs one claimed attempt, and leaves its file under its own name. Each thread loads the job once. If the job is alone in the
 * thread, this also waits for work that it has left running.
 * @throws an error for `describeFailure`
 */
export async function runTask(
  kind: TaskKind,
  request: TaskRequest,
  progress: Progress,
  isAlone = false,
): Promise<AttemptReport> {
  const attempt = attemptOf(kind, request);
  try {
    const job = await jobOf(request, isAlone);
    progress.steps++;
    const params = readParams(job, request.job.params);
    using leftovers = isAlone ? new Leftovers(() => progress.place) : undefined;
    // Gives unawaited promises and rejections a turn in any case.
    const settled = (): Promise<void> => leftovers?.ended() ?? setImmediate();
    checkNothingMissing(request);
    const report = await (kind === 'map' ? runMapTask : runReduceTask)(attempt, job, params, progress, settled);
    checkNothingMissing(request);
    if (isTimeToLook()) refuseChanges(request.job.path);
    refuseNewParts();
    return report;
  } catch (error) {
    removeQuietly(attempt.path);
    throw error;
  }
}

/** Checking the built-ins that the engine relies on takes a tenth of a short attempt, so only some short attempts are checked. */
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

/** The job that this thread has loaded. Node's cache has it too, but checks the file's path and package again each time. */
let loaded: Loaded | undefined;

interface Loaded {
  readonly path: string;
  readonly job: AnyJob;
  /** The job's files when the run began; undefined if the thread is shared, in which case it does not matter. */
  readonly surroundings: JobSurroundings | undefined;
  /** The number of imports when the job's parts were last checked. */
  imports: number;
}

/** @throws InputError if a part of the job has changed since the run began: no run mixes two versions of its job. */
async function jobOf(request: TaskRequest, isAlone: boolean): Promise<AnyJob> {
  const { path, digest } = request.job;
  if (loaded?.path === path) return loaded.job;
  const surroundings = isAlone ? enterSurroundings(request) : undefined;
  const job = await loadJob(path);
  const imports = importCount();
  const parts = partsOfJob(path);
  if (surroundings !== undefined) checkParts(surroundings, parts);
  else if (digestOfParts(parts) !== digest)
    throw changed(`${path}: expected the job as it was when the run began, found it changed`);
  loaded = { path, job, surroundings, imports };
  return job;
}

/** Checks files that a job imports while it runs. @throws InputError if one has changed since the run began. */
function refuseNewParts(): void {
  if (loaded?.surroundings === undefined || loaded.imports === importCount()) return;
  loaded.imports = importCount();
  checkParts(loaded.surroundings, partsOfJob(loaded.path));
}

/** Checks a job's files. One that was not imported when the run began must be older than the run: its earlier state is unknown. */
function checkParts({ parts, beganMs }: JobSurroundings, now: readonly JobPart[]): void {
  const problem = changedPart(parts, now);
  if (problem !== undefined) throw changed(problem);
  const known = new Set(parts.map(([path]) => path));
  const young = now.find((part) => !known.has(part[0]) && changeMsOf(part) > beganMs);
  if (young !== undefined)
    throw changed(`${young[0]}: expected a file of the job from before the run began, found a newer one`);
}

function changed(problem: string): InputError {
  return new InputError(`${problem}; run the job again with --fresh`);
}
