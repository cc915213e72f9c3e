// Runs any attempt: loads the job that the request names, reads its parameters, and runs the map or the reduce task.

import { rmSync } from 'node:fs';

import type { AnyJob } from '../job.ts';
import { loadJob, readParams } from '../job-loading.ts';
import type { AttemptReport, TaskKind, TaskRequest } from '../protocol.ts';
import { beginAttempt, type Progress } from './attempt.ts';
import { runMapTask } from './map-task.ts';
import { runReduceTask } from './reduce-task.ts';

export { describeFailure } from './failure.ts';
export type { Progress } from './attempt.ts';

/**
 * Runs one attempt from start to the file that it leaves under its own name. The job is loaded once a thread.
 * @throws what `describeFailure` turns into words
 */
export async function runTask(kind: TaskKind, request: TaskRequest, progress: Progress): Promise<AttemptReport> {
  const job = await jobAt(request.job.path);
  const params = readParams(job, request.job.params);
  const attempt = beginAttempt(kind, request);
  try {
    return await (kind === 'map' ? runMapTask : runReduceTask)(attempt, job, params, progress);
  } catch (error) {
    rmSync(attempt.path, { force: true });
    throw error;
  }
}

/** What a thread has loaded. Node has it too, but looks at the file's path and package again, each time. */
let loaded: { readonly path: string; readonly job: AnyJob } | undefined;

async function jobAt(path: string): Promise<AnyJob> {
  if (loaded?.path !== path) loaded = { path, job: await loadJob(path) };
  return loaded.job;
}
