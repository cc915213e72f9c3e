// Describes the result of a run as one JSON object for programs, which `mapreduce run --json` prints.

import * as v from 'valibot';

import type { RunSummary } from '../view/summary.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ms = v.pipe(v.number(), v.minValue(0));

const Phase = v.strictObject({
  durationMs: ms,
  tasks: count,
  recordsIn: count,
  bytesIn: count,
  recordsOut: count,
  bytesOut: count,
  spills: count,
  /** The slowest task compared with the median. Missing with fewer than two tasks. */
  slowest: v.optional(v.strictObject({ task: v.string(), durationMs: ms, medianMs: ms })),
});

/** How the run ended. `error.exitCode` is the exit code of the command; `error.kind` says whose error it is. */
const End = {
  outcome: v.picklist(['done', 'failed', 'interrupted']),
  error: v.optional(v.strictObject({ kind: v.string(), exitCode: count, message: v.string() })),
  durationMs: ms,
};

/** What there is to report of a run that has begun. */
const Begun = {
  runId: v.string(),
  job: v.string(),
  input: v.strictObject({ files: count, bytes: count }),
  /** How many workers the driver asked for; others may have joined. */
  workers: count,
  phases: v.strictObject({ chunk: v.strictObject({ durationMs: ms, chunks: count }), map: Phase, reduce: Phase }),
  retries: v.strictObject({
    /** Attempts that were started because an earlier attempt of the same task was not committed. */
    count,
    workersLost: count,
    attemptsFailed: count,
    /** The causes, the most frequent first. */
    causes: v.array(v.strictObject({ message: v.string(), times: count })),
  }),
  backups: v.strictObject({ started: count, won: count }),
  /** Bad records that were skipped. */
  skippedRecords: count,
  /** Tasks that an earlier driver had committed. */
  reusedTasks: count,
  /** Of committed attempts. */
  counters: v.record(v.string(), v.number()),
  /** The absolute paths of the output files. Empty if the run did not end well. */
  outputs: v.array(v.string()),
  /** How many lines `--verify` compared and found equal. */
  verifiedLines: v.optional(count),
};

/** A run that could not begin has only its end. */
export const RunResult = v.union([v.strictObject({ ...End, ...Begun }), v.strictObject(End)]);
export type RunResult = v.InferOutput<typeof RunResult>;

type ResultEnd = v.InferOutput<v.ObjectSchema<typeof End, undefined>>;
type BegunRun = v.InferOutput<v.ObjectSchema<typeof Begun, undefined>>;

/** What the summary of the run does not know. */
export type RunFacts = Pick<BegunRun, 'runId' | 'job' | 'input' | 'workers' | 'outputs' | 'verifiedLines'>;

/** `begun` is undefined if the run could not begin. */
export function resultOf(end: ResultEnd, begun: { facts: RunFacts; summary: RunSummary } | undefined): RunResult {
  if (begun === undefined) return end;
  const { facts, summary } = begun;
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
