// Puts a job into the driver's folder with the driver's environment variables, whichever process started the worker.

import { messageOf, SystemError } from '../errors.ts';
import { useEnvironment } from '../job-loading/environment.ts';
import type { TaskRequest } from '../protocol.ts';
import { type JobSurroundings, readSurroundings } from '../workspace/job-file.ts';
import { workspaceAt } from '../workspace/paths.ts';

type Run = Pick<TaskRequest, 'dir' | 'runId'>;

/**
 * Moves this process to the driver's folder, as far as possible. To be called before a thread of the run is started. Returns
 * whether threads that were started before have become useless.
 */
export function goToDriversFolder(run: Run): boolean {
  const surroundings = surroundingsOf(run);
  if (typeof surroundings === 'string') return false;
  const { folder, env } = surroundings;
  try {
    process.chdir(folder);
  } catch {
    // The thread checks this, and reports it.
  }
  if (process.env['TZ'] === env['TZ']) return false;
  if (env['TZ'] === undefined) delete process.env['TZ'];
  else process.env['TZ'] = env['TZ'];
  return true;
}

/**
 * Gives this thread the environment of a run's job.
 * @throws SystemError if the environment cannot be read, or the process is not in the driver's folder
 */
export function enterSurroundings(run: Run): JobSurroundings {
  const surroundings = surroundingsOf(run);
  if (typeof surroundings === 'string') {
    throw new SystemError(
      `${workspaceAt(run.dir).job}: expected the environment of run ${run.runId}'s job, ${surroundings}`,
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
