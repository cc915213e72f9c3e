// What the scheduler is told, and what it answers. Plain data: both are written into the journal, and can be played again.

import type { AttemptFailure, AttemptReport, Place, SkippedRecord } from '../protocol.ts';
import type { AttemptId, TaskId } from '../task-ids.ts';

/** Workers are numbered from 1, as people see them. */
export type WorkerId = number;

/** Why a worker is gone: the error in a sentence, and the last lines that it wrote to stderr, where they are known. */
export interface LossCause {
  readonly message: string;
  /** `false`: nobody listened, so the attempt never began. */
  readonly reached: boolean;
  /** The machine refused to start its process, or a connection to it: neither the worker nor the job is to blame. */
  readonly isRefused?: boolean | undefined;
  readonly stderr: readonly string[];
  /** The process ended itself because code of the job could not be ended: that uses up no restart. */
  readonly isBlameless?: boolean | undefined;
  /** The record that a careful attempt was at. */
  readonly place?: Place | undefined;
}

/** What a driver allows a run: another one that goes on with it may allow something else. */
export interface RunLimits {
  /** How many workers the driver starts, or finds listening. */
  readonly workerCount: number;
  /** How many attempts of a task may fail. */
  readonly maxAttempts: number;
  /** How often a worker is started again, and how many workers one task may lose. */
  readonly maxRespawns: number;
  /** How long an attempt may make no progress; 0: for ever. */
  readonly taskTimeoutMs: number;
  /** Whether slow tasks get a backup attempt. */
  readonly backup: boolean;
  /** How many bad records a run may leave out. */
  readonly skipBadRecords: number;
}

export interface SchedulerOptions extends RunLimits {
  readonly mapCount: number;
  readonly reduceCount: number;
}

/** A key, and the sum of its values where the job adds; otherwise about how many pairs it has. */
export type HotKey = readonly [key: string, weight: number];

export interface AttemptProgressed {
  readonly type: 'attempt-progressed';
  readonly attempt: AttemptId;
  readonly records: number;
  readonly bytes: number;
  /** What else it has done, such as blocks merged, pairs emitted and values drawn: more of them is progress. */
  readonly steps?: number | undefined;
  /** The record or key that it is at. */
  readonly place?: Place | undefined;
  /** The most heap that the job's code was seen to hold. */
  readonly heapBytes?: number | undefined;
}

export type Event =
  /** Keys are partitioned by range: the first key of each partition but the first, in base64. */
  | { readonly type: 'ranges-cut'; readonly firstKeys: readonly string[] }
  /** All chunks are written, of so many bytes of input each: map tasks can run. */
  | { readonly type: 'chunks-written'; readonly bytes: readonly number[] }
  /** A chunk that was damaged is written again. */
  | { readonly type: 'chunk-rewritten'; readonly chunk: number }
  /** A worker that the driver has not started offers itself, under the next free number. */
  | {
      readonly type: 'worker-joined';
      readonly worker: WorkerId;
      readonly name: string;
      readonly url: string;
      readonly pid: number;
      readonly host: string;
    }
  /** A worker listens; also one that was lost, and is back. */
  | { readonly type: 'worker-ready'; readonly worker: WorkerId; readonly url: string; readonly pid: number }
  /** A worker, or the process that was to become one, is gone. What it ran is lost. */
  | { readonly type: 'worker-lost'; readonly worker: WorkerId; readonly cause: LossCause }
  /** A worker takes no more tasks; the one that it has it finishes. */
  | { readonly type: 'worker-leaving'; readonly worker: WorkerId }
  | AttemptProgressed
  | { readonly type: 'attempt-succeeded'; readonly attempt: AttemptId; readonly report: AttemptReport }
  | { readonly type: 'attempt-failed'; readonly attempt: AttemptId; readonly failure: AttemptFailure }
  /** A worker has given up an attempt that was cancelled, and is free. */
  | { readonly type: 'attempt-cancelled'; readonly attempt: AttemptId; readonly worker: WorkerId }
  /** The attempt's file has become the task's file. */
  | {
      readonly type: 'task-committed';
      readonly attempt: AttemptId;
      /** The keys that a map attempt emitted most, for who reads. */
      readonly hotKeys?: readonly HotKey[] | undefined;
    }
  /** The attempt said that it was done, but its file is not what it reported, or cannot become the task's file. */
  | { readonly type: 'commit-failed'; readonly attempt: AttemptId; readonly message: string }
  /** The results are in place: readers find them. */
  | { readonly type: 'published' }
  /** A driver goes on with the run of one that died: with workers and limits of its own, and nothing open. */
  | { readonly type: 'driver-resumed'; readonly limits: RunLimits }
  /** The file of a committed task is missing or damaged. */
  | { readonly type: 'output-lost'; readonly task: TaskId; readonly message: string }
  /** Every file that `verify` named has been looked at. */
  | { readonly type: 'outputs-verified' }
  /** Time has passed. */
  | { readonly type: 'ticked' }
  /** The driver did not run for so long: it was stopped, or its machine slept. That time counts against nobody. */
  | { readonly type: 'driver-absent'; readonly ms: number }
  /** Someone asked the run to stop. */
  | { readonly type: 'interrupted'; readonly signal: string };

export interface StartAttempt {
  readonly type: 'start-attempt';
  readonly attempt: AttemptId;
  readonly task: TaskId;
  readonly worker: WorkerId;
  /** A second attempt of a task whose first one is slow. */
  readonly backup: boolean;
  /** How often a map output has been made again so far. */
  readonly generation: number;
  /** The attempt leaves word of each record before it runs it. */
  readonly careful: boolean;
  readonly skip: readonly SkippedRecord[];
}

/** What `verify` looks at: the file of a committed task, with the size and checksum that it must have. */
export interface CommittedFile {
  readonly task: TaskId;
  readonly bytes: number;
  readonly checksum: number;
}

export type Command =
  | StartAttempt
  /** Stop an attempt that is not wanted any more. Answered by `attempt-cancelled` or `worker-lost`. */
  | {
      readonly type: 'cancel-attempt';
      readonly attempt: AttemptId;
      readonly worker: WorkerId;
      readonly reason: CancelReason;
      /** The record or key that it hung on, where it made no progress. */
      readonly place?: Place | undefined;
    }
  /**
   * Make sure that the worker's old process is gone, and start one in its place. `restart` says how many of its restarts are
   * used up: this one is not, where the worker was lost at a record that is left out from now on.
   */
  | {
      readonly type: 'respawn-worker';
      readonly worker: WorkerId;
      readonly restart: number;
      /** How long to wait before, at most. */
      readonly delayMs: number;
    }
  /** Make the attempt's file the task's file, if it has the size and checksum that the attempt reported. */
  | {
      readonly type: 'commit';
      readonly attempt: AttemptId;
      readonly task: TaskId;
      readonly bytes: number;
      readonly checksum: number;
    }
  /** Remove the file of a task that was committed: it is to be made again. */
  | { readonly type: 'discard'; readonly task: TaskId }
  | { readonly type: 'rewrite-chunk'; readonly chunk: number }
  | { readonly type: 'verify'; readonly files: readonly CommittedFile[] }
  /** Put the results in place, with the list of the records that were left out. */
  | { readonly type: 'publish'; readonly skipped: readonly SkippedBadRecord[] }
  | { readonly type: 'end'; readonly outcome: Outcome };

/** `won`: the task's other attempt was first. `timeout`: no progress. `outdated`: a map output that it reads is made again. */
export type CancelReason = 'won' | 'timeout' | 'outdated';

export type Outcome =
  | { readonly state: 'done'; readonly skipped: readonly SkippedBadRecord[] }
  | { readonly state: 'failed'; readonly cause: FailureCause }
  | { readonly state: 'interrupted'; readonly signal: string };

/** A record that killed its attempt twice and was left out, with what it did the last time. */
export interface SkippedBadRecord extends SkippedRecord {
  readonly task: TaskId;
  readonly file: string;
  readonly cause: string;
}

/** An attempt's end that is not a success. */
export type AttemptEnd = AttemptFailure | { readonly kind: 'lost'; readonly loss: LossCause };

/** Why a run failed: which task, on which worker, how often, and the last error. */
export type FailureCause =
  | {
      readonly type: 'attempts-used-up' | 'losses-used-up';
      readonly task: TaskId;
      readonly worker: WorkerId;
      /** How many attempts failed, or were lost. */
      readonly attempts: number;
      readonly last: AttemptEnd;
    }
  | {
      readonly type: 'workers-used-up';
      /** The task that the last worker had, or the first that waits; undefined where the chunks were not written yet. */
      readonly task: TaskId | undefined;
      readonly worker: WorkerId;
      readonly restarts: number;
      readonly last: AttemptEnd;
    }
  /** More records would have to be skipped than `--skip-bad-records` allows. */
  | {
      readonly type: 'too-many-bad-records';
      readonly task: TaskId;
      readonly worker: WorkerId;
      readonly limit: number;
      readonly last: AttemptEnd;
    }
  /** A file of the run was found damaged again and again. */
  | { readonly type: 'damaged-again'; readonly task: TaskId; readonly times: number; readonly message: string }
  /** The driver found an input changed while it cut the chunks. */
  | { readonly type: 'input-changed'; readonly task?: undefined; readonly message: string };
