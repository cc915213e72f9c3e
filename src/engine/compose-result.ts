// Composes the result of a run for programs from what is known when the run ends, however it ends.

import { totalBytes } from '../driver/inputs/inputs.ts';
import { nowMs } from '../driver/loop/run-time.ts';
import type { RunShape } from '../driver/driver.ts';
import { MapReduceError, messageOf } from '../errors.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { DoneResult, RunEnd, RunFigures, RunResult } from '../run-result.ts';
import { refusedCall } from '../machine/refused-call.ts';
import type { RunSummary } from '../view/summary.ts';
import { outputsOf, type PreparedJob } from './local-run.ts';

/** The known parts of a run. If it fails, the result is made of these. */
export interface RunSoFar {
  readonly startMs: number;
  readonly summary: RunSummary;
  prepared?: PreparedJob;
  shape?: RunShape;
  isDone?: boolean;
  verifiedLines?: number;
}

/** Returns the result of a run. `failure` is the error that ended the run; undefined if it ended well. */
export function resultSoFar(run: RunSoFar, failure: unknown): RunResult {
  const { startMs, summary } = run;
  const durationMs = run.isDone === true ? summary.durationMs : nowMs() - startMs;
  const facts = factsOf(run);
  return resultOf({ ...endOf(failure, run), durationMs }, facts === undefined ? undefined : { facts, summary });
}

/** @throws Error if the run has not begun. */
export function resultOfDone(run: RunSoFar): DoneResult {
  const result = resultSoFar(run, undefined);
  if ('outputs' in result) return result;
  throw new Error('expected a run that is done, found one that has not begun');
}

function endOf(thrown: unknown, { isDone = false }: RunSoFar): Pick<RunEnd, 'outcome' | 'error'> {
  if (thrown === undefined) return { outcome: 'done' };
  const failure = refusedCall(thrown);
  const { kind, exitCode } =
    failure instanceof MapReduceError ? failure : { kind: 'invariant', exitCode: EXIT_CODES.invariant };
  // A system error after the end of the run does not undo the run.
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

/** The fields of a result that the summary lacks. */
export type RunFacts = Pick<RunFigures, 'runId' | 'job' | 'input' | 'workers' | 'outputs' | 'verifiedLines'>;

/** Returns the result of a run. `told` is undefined if the run could not begin. */
export function resultOf(end: RunEnd, told: { facts: RunFacts; summary: RunSummary } | undefined): RunResult {
  if (told === undefined) return end;
  const { facts, summary } = told;
  const { failures, backups, map, reduce } = summary;
  const slowest = { map: summary.slowest('map'), reduce: summary.slowest('reduce') };
  return {
    ...end,
    ...facts,
    phases: {
      chunk: { durationMs: summary.chunkMs, chunks: map.tasks },
      map: { ...map, ...(slowest.map === undefined ? {} : { slowest: slowest.map }) },
      reduce: { ...reduce, ...(slowest.reduce === undefined ? {} : { slowest: slowest.reduce }) },
    },
    retries: {
      count: summary.retries,
      workersLost: failures.lostWorkers,
      attemptsFailed: failures.failedAttempts,
      causes: failures.causes,
    },
    backups,
    skippedRecords: summary.skippedCount,
    reusedTasks: summary.reusedCount,
    counters: Object.fromEntries(summary.counters),
  };
}
