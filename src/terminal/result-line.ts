// The result of a run as one line of JSON.

import { totalBytes } from '../driver/inputs/inputs.ts';
import { nowMs } from '../driver/loop/run-time.ts';
import { MapReduceError, messageOf } from '../errors.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { outputsOf, type PreparedJob } from '../engine/local-run.ts';
import { type RunFacts, resultOf, type RunResult } from '../files/result.ts';
import type { RunOptions } from './arguments/run-options.ts';
import type { RunShape } from '../driver/driver.ts';
import type { RunSummary } from '../view/summary.ts';

/** A run as far as it has come: where it fails, that much can be told. */
export interface RunSoFar {
  readonly options: RunOptions;
  readonly startMs: number;
  readonly summary: RunSummary;
  prepared?: PreparedJob;
  shape?: RunShape;
  isDone?: boolean;
  verifiedLines?: number;
  /** What was asked for beside the run, and was refused: the run goes on without, and says so in the end. */
  refused?: Error;
}

/** `failure` is what the run threw, undefined where it ended well. */
export function jsonOf(told: RunSoFar, failure: unknown): string {
  const { startMs, summary } = told;
  const durationMs = told.isDone === true ? summary.durationMs : nowMs() - startMs;
  const facts = factsOf(told);
  return JSON.stringify(
    resultOf({ ...endOf(failure, told), durationMs }, facts === undefined ? undefined : { facts, summary }),
  );
}

function endOf(thrown: unknown, { isDone = false }: RunSoFar): Pick<RunResult, 'outcome' | 'error'> {
  if (thrown === undefined) return { outcome: 'done' };
  const failure = refusedCall(thrown);
  const { kind, exitCode } =
    failure instanceof MapReduceError ? failure : { kind: 'invariant', exitCode: EXIT_CODES.invariant };
  // What the machine refuses after the run does not undo it.
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
