// The record of a run: plain data from which it is shown everywhere, and which /events sends. `fold.ts` makes it from events;
// `moment.ts` works out of it how the run stood at any time. Times are milliseconds since the run began.

import type { AttemptReport } from '../protocol.ts';
import type { AttemptId, TaskId } from '../task-ids.ts';
import type { WorkerId } from '../scheduler/events.ts';

/** `answered`: the attempt has succeeded, and its file is being committed. `lost`: its worker was lost. */
export type AttemptOutcome = 'running' | 'answered' | 'won' | 'lost' | 'failed' | 'cancelled';

export interface AttemptRow {
  readonly id: AttemptId;
  readonly task: TaskId;
  readonly worker: WorkerId;
  readonly backup: boolean;
  readonly startMs: number;
  /** When the attempt ended, whatever its outcome. */
  endMs?: number;
  outcome: AttemptOutcome;
  committedMs?: number;
  /** When its committed file was discarded. */
  discardedMs?: number;
  /** How much there is to read, if that is known. */
  readonly wholeBytes?: number | undefined;
  /** What the attempt has read so far, or in all if it has ended. */
  records: number;
  bytes: number;
  /** When the worker last reported progress. */
  progressMs?: number;
  recordsOut?: number;
  bytesOut?: number;
  spills?: number;
  phases?: AttemptReport['phases'];
  counters?: AttemptReport['counters'];
  /** Why the attempt was not committed. */
  error?: AttemptError;
}

export interface AttemptError {
  readonly message: string;
  /** The user's stack, or the last lines that the worker wrote to stderr. */
  readonly stack?: string;
  /** The record or key that the attempt was at. */
  readonly place?: string;
}

/** `here`: the worker listens. `away`: it is being started. The others are states of the scheduler. */
export type WorkerPresence = 'here' | 'away' | 'leaving' | 'set-aside' | 'gone';

export interface WorkerRow {
  readonly id: WorkerId;
  readonly name: string;
  readonly joined: boolean;
  host?: string;
  url?: string;
  pid?: number;
  lastSeenMs?: number;
  restarts: number;
  /** The most heap that the job's code was seen to use, in the latest attempt. */
  heapBytes?: number;
  /** The oldest first. */
  readonly presence: [fromMs: number, presence: WorkerPresence][];
}

/** `good`: something was finished. `bad`: something was lost or failed. */
export type Tone = 'plain' | 'good' | 'bad';

export interface FeedLine {
  readonly atMs: number;
  readonly text: string;
  readonly tone: Tone;
}

/** Bytes by map task (rows) and partition (columns). If there are more of either than cells, several share a cell. */
export interface HeatGrid {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly cells: number[][];
}

/** What is known when a run begins. */
interface RunOutline {
  readonly id: string;
  readonly job: string;
  readonly params: Readonly<Record<string, string>>;
  readonly inputs: readonly { readonly file: string; readonly sizeBytes: number }[];
  /** The folder of the results, if it is known. */
  readonly results?: string | undefined;
  readonly mapCount: number;
  readonly reduceCount: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** The limits of a run. */
interface RunAllowance {
  readonly maxAttempts: number;
  readonly maxRespawns: number;
  readonly taskTimeoutMs: number;
  readonly silenceMs?: number | undefined;
  readonly heapBytes?: number | undefined;
}

/** Each value that something has had, the oldest first, with the time from which it had it. */
export type Timeline<T> = readonly (readonly [fromMs: number, value: T])[];

/** The part of the record that is sent as a whole if anything in it changes. */
export interface RunProgress {
  /** The time up to which the record is complete. */
  readonly nowMs: number;
  readonly chunkedMs?: number;
  readonly endedMs?: number;
  readonly outcome?: { readonly state: 'done' | 'failed' | 'interrupted'; readonly text: string };
  readonly chunkBytes: readonly number[];
  /** The tasks that failed for good, and when. */
  readonly failedTasks: readonly (readonly [task: TaskId, atMs: number])[];
  /** How many bad records had been left out, and since when. */
  readonly skipped: Timeline<number>;
  /** How many workers had been lost, and since when. */
  readonly lostWorkers: Timeline<number>;
  /** How many damaged chunks were being written again, and since when. */
  readonly rewrittenChunks: Timeline<number>;
  /** Whether committed files were being checked, and since when. */
  readonly checking: Timeline<boolean>;
  readonly hotKeys: readonly { readonly key: string; readonly weight: number }[];
}

export interface RunRecord extends RunProgress {
  readonly run: RunOutline;
  readonly allowed: RunAllowance;
  /** In the order in which they began. */
  readonly attempts: AttemptRow[];
  readonly workers: WorkerRow[];
  /** The oldest first. */
  readonly feed: FeedLine[];
  readonly heat: HeatGrid;
}

/** What is new or different since the change before. Rows come with their index. */
export interface RunChange {
  readonly progress: RunProgress;
  readonly attempts: readonly (readonly [index: number, row: AttemptRow])[];
  readonly workers: readonly (readonly [index: number, row: WorkerRow])[];
  readonly feed: readonly FeedLine[];
  readonly heat: readonly (readonly [row: number, cells: number[]])[];
}

/** The feed keeps only the newest lines. */
export const MOST_FEED_LINES = 2000;

/** Returns the record after a change. Lists are changed in place. */
export function applyChange(record: RunRecord, change: RunChange): RunRecord {
  for (const [index, row] of change.attempts) record.attempts[index] = row;
  for (const [index, row] of change.workers) record.workers[index] = row;
  for (const [row, cells] of change.heat) record.heat.cells[row] = cells;
  record.feed.push(...change.feed);
  if (record.feed.length > MOST_FEED_LINES) record.feed.splice(0, record.feed.length - MOST_FEED_LINES);
  return { ...record, ...change.progress };
}
