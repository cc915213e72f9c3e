// Running a job from code.

import { type LocalRunOptions, lockWorkspace, outputsOf, prepareJob, runLocal } from './engine/local-run.ts';
import type { LocalObserver } from './engine/run-watch.ts';

export type { LocalRunOptions } from './engine/local-run.ts';

/** What the job's code prints beside its tasks is not for this program's stdout. */
const printed = (line: string): void => void process.stderr.write(`${line}\n`);

/** What a run left. */
export interface JobResult {
  readonly runId: string;
  /** The absolute paths of the M output files, in the order of their tasks. */
  readonly outputs: readonly string[];
}

const SILENT: Omit<LocalObserver, 'traced'> = {
  planned: () => {},
  happened: () => {},
  workerPrinted: () => {},
  portTaken: () => {},
  listening: () => {},
  reported: () => {},
};

/**
 * Runs a job on this machine, on workers that listen or on its own, as `mapreduce run` does.
 * @throws UsageError before anything starts; JobError, LostError or CorruptError where the run fails; SystemError also if
 * all is done but the trace
 */
export async function runJob(options: LocalRunOptions): Promise<JobResult> {
  await using prepared = await prepareJob(options, printed);
  using _lock = lockWorkspace(prepared);
  let untraced: Error | undefined;
  const traced: LocalObserver['traced'] = (_path, refusal) => void (untraced = refusal);
  const { shape } = await runLocal(prepared, options, { ...SILENT, traced });
  if (untraced !== undefined) throw untraced;
  return { runId: shape.runId, outputs: outputsOf(prepared, shape) };
}
