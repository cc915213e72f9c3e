// The surroundings of a job, which it gets from the driver in addition to its parameters: the folder for its relative paths,
// and its environment variables. Workers read them from a file, so it does not matter who has started a worker, and where.

import { UsageError } from '../../errors.ts';
import type { JobEnvironment } from '../../job-loading/environment.ts';
import type { JobPart } from '../../job-loading/module-graph.ts';
import type { TaskRequest } from '../../protocol.ts';
import type { RunIdentity } from '../../scheduler/journal.ts';
import { type JobSurroundings, readSurroundings } from '../../workspace/job-file.ts';
import type { Workspace } from '../../workspace/paths.ts';
import type { Unfinished } from '../resume/unfinished-run.ts';

export interface JobOrigin {
  readonly name: string;
  readonly parts: readonly JobPart[];
  readonly environment: JobEnvironment;
  /** The names of the variables that the job declares. */
  readonly declared: readonly string[];
}

/** What a run must have in common with another one to be resumed as that. */
export type Identity = Omit<RunIdentity, 'runId'>;

export function identityOf(
  { name, parts }: JobOrigin,
  source: TaskRequest['job'],
  inputs: RunIdentity['inputs'],
  output: string | undefined,
): Identity {
  return {
    job: { name, ...source, parts, folder: process.cwd() },
    output,
    inputs: inputs.map(({ file, path, sizeBytes, mtimeMs }) => ({ file, path, sizeBytes, mtimeMs })),
  };
}

/**
 * The surroundings that the job of a run finds wherever it runs.
 * @throws UsageError if the run was begun by an `earlier` driver, and a variable has changed since
 */
export function surroundingsOf(
  workspace: Workspace,
  runId: string,
  { parts, environment, declared }: JobOrigin,
  earlier: Unfinished | undefined,
): JobSurroundings {
  const { env, withheld } = environment;
  if (earlier !== undefined) checkVariables(workspace, earlier, env, declared);
  const beganMs = earlier?.journal.lines[0]?.at ?? Date.now();
  return {
    runId,
    beganMs,
    parts: parts.map(([path, content]): [string, string] => [path, content]),
    folder: process.cwd(),
    env: { ...env },
    withheld: [...withheld],
  };
}

/** Does nothing if the job file is gone or damaged. The message shows no value, which may be a secret. */
function checkVariables(
  { dir, job }: Workspace,
  { id, identity }: Unfinished,
  env: JobEnvironment['env'],
  declared: readonly string[],
): void {
  const before = readSurroundings(job);
  if (typeof before === 'string' || before.runId !== id) return;
  const other = ['TZ', ...declared].find((name) => before.env[name] !== env[name]);
  if (other === undefined) return;
  throw new UsageError(
    `${dir} holds the unfinished run ${id} of ${identity.job.name}: expected the variable ${other} as it was, found another ` +
      'value; set it as it was to finish the run, or add --fresh to start over (or name another --dir)',
  );
}
