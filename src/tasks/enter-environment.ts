// Where a job finds itself: in the driver's folder, with the driver's variables, whoever has started the worker.

import { messageOf, SystemError } from '../errors.ts';
import { useEnvironment } from '../job-loading/environment.ts';
import type { TaskRequest } from '../protocol.ts';
import { type JobSurroundings, readSurroundings } from '../workspace/job-file.ts';
import { workspaceAt } from '../workspace/paths.ts';

type Run = Pick<TaskRequest, 'dir' | 'runId'>;

/**
 * Makes this process work where the driver does, as far as that can be: to call before a thread of the run is there. Returns whether
 * threads that have been started before are of no use for it.
 */
export function goToDriversFolder(run: Run): boolean {
  const surroundings = surroundingsOf(run);
  if (typeof surroundings === 'string') return false;
  const { folder, env } = surroundings;
  try {
    process.chdir(folder);
  } catch {
    // The thread looks, and says so.
  }
  if (process.env['TZ'] === env['TZ']) return false;
  if (env['TZ'] === undefined) delete process.env['TZ'];
  else process.env['TZ'] = env['TZ'];
  return true;
}

/**
 * Gives this thread the environment of a run's job.
 * @throws SystemError where what that is cannot be read, or the process is not in the driver's folder
 */
export function enterSurroundings(run: Run): JobSurroundings {
  const surroundings = surroundingsOf(run);
  if (typeof surroundings === 'string') {
    throw new SystemError(
      `${workspaceAt(run.dir).job}: expected what the job of run ${run.runId} needs, ${surroundings}`,
    );
  }
  const { folder } = surroundings;
  const found = currentFolder();
  if (found !== folder) throw new SystemError(`${folder}: expected to work in the driver's folder, found ${found}`);
  useEnvironment(surroundings);
  return surroundings;
}

function surroundingsOf({ dir, runId }: Run): JobSurroundings | string {
  const found = readSurroundings(workspaceAt(dir).job);
  return typeof found === 'string' || found.runId === runId ? found : `found that of run ${found.runId}`;
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    return messageOf(error);
  }
}
