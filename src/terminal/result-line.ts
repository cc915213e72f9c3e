// Writes the result of a run as one line of JSON.

import { totalBytes } from '../driver/inputs/inputs.ts';
import { nowMs } from '../driver/loop/run-time.ts';
import { EXIT_CODES, MapReduceError, messageOf } from '../errors.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { outputsOf, type PreparedJob } from '../engine/local-run.ts';
import { type RunFacts, resultOf, type RunResult } from '../files/result.ts';
import type { RunOptions } from './arguments/run-options.ts';
import type { RunShape } from '../driver/driver.ts';
import type { RunSummary } from '../view/summary.ts';

/** What is known of a run so far. If the run fails, this much can be reported. */
export interface RunSoFar {
  readonly options: RunOptions;
  readonly startMs: number;
  readonly summary: RunSummary;
  prepared?: PreparedJob;
  shape?: RunShape;
  isDone?: boolean;
  verifiedLines?: number;
  /** Why something besides the run, such as a trace, could not be written. The run goes on, and reports it at the end. */
  refused?: Error;
}

/** `failure` is what the run threw; undefined if it ended well. */
export function jsonOf(soFar: RunSoFar, failure: unknown): string {
  const { startMs, summary } = soFar;
  const durationMs = soFar.isDone === true ? summary.durationMs : nowMs() - startMs;
  const facts = factsOf(soFar);
  return JSON.stringify(
    resultOf({ ...endOf(failure, soFar), durationMs }, facts === undefined ? undefined : { facts, summary }),
  );
}

function endOf(thrown: unknown, { isDone = false }: RunSoFar): Pick<RunResult, 'outcome' | 'error'> {
  if (thrown === undefined) return { outcome: 'done' };
  const failure = refusedCall(thrown);
  const { kind, exitCode } =
    failure instanceof MapReduceError ? failure : { kind: 'invariant', exitCode: EXIT_CODES.invariant };
  // A run is done even if the machine refuses something afterwards.
  const outcome = isDone && kind === 'system' ? 'done' : kind === 'interrupted' ? 'interrupted' : 'failed';
  return { outcome, error: { kind, exitCode, message: messageOf(failure) } };
}

function factsOf({ prepared, shape, isDone, verifiedLines }: RunSoFar): RunFacts | undefined {
  if (prepared === undefined || shape === undefined) return undefined;
  return {
    runId: shape.runId,
    job: prepared.job.name,
    input: { files: prepared.inputs.length, bytes: totalBytes(prepared.inputs) },
    workers: shape.workerCount,
    outputs: isDone === true ? outputsOf(prepared, shape) : [],
    ...(verifiedLines === undefined ? {} : { verifiedLines }),
  };
}
