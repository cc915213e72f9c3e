// Compares the output of a run with that of a sequential run of the same job over the same inputs.

import { join } from 'node:path';

import { errorOf, MapReduceError } from '../errors.ts';
import { type LocalRunOptions, type OnOutput, type PreparedJob, runInOneProcess } from './local-run.ts';
import type { RecordPlace } from './left-out-records.ts';
import type { SequentialProgress } from './sequential-run.ts';

export interface RunToVerify {
  readonly prepared: PreparedJob;
  readonly options: LocalRunOptions;
  readonly outputs: readonly string[];
  /** The records that the run has skipped. */
  readonly skipped: readonly RecordPlace[];
}

/**
 * Returns the number of lines that were compared and are equal.
 * @throws VerifyError if the outputs differ; other errors if they could not be compared
 */
export async function verifyRun(
  { prepared, options, outputs, skipped }: RunToVerify,
  onOutput: OnOutput,
  onProgress: (progress: SequentialProgress) => void,
): Promise<number> {
  const { verifyOutput } = await import('../inspect/compare-outputs.ts');
  const sequential = runInOneProcess(prepared, options, skipped, onOutput, onProgress);
  try {
    return await verifyOutput(outputs, join(prepared.workspace.dir, `verify-${process.pid}`), sequential);
  } catch (error) {
    throw notCompared(error);
  }
}

/** Wraps an error that stops the sequential run: it does not undo the run. */
function notCompared(error: unknown): unknown {
  if (!(error instanceof MapReduceError) || error.kind === 'verify') return error;
  return errorOf(error.kind, `--verify: the run is done, its output could not be verified: ${error.message}`);
}
