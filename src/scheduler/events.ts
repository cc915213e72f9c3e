// The events that the scheduler receives, and the commands that it returns. Plain data: both are written to the journal, and can
// be replayed.

import type { AttemptFailure, AttemptReport, Place, SkippedRecord } from '../protocol.ts';
import type { AttemptId, TaskId } from '../task-ids.ts';

/** Workers are numbered from 1, for people. */
export type WorkerId = number;

/** Why a worker is gone: the error in a sentence, and its last lines on stderr, if they are known. */
export interface LossCause {
  readonly message: string;
  /** `false`: nothing listened, so the attempt never began. */
  readonly reached: boolean;
  /** The machine refused to start its process, or a connection to it: neither the worker nor the job is to blame. */
  readonly isRefused?: boolean | undefined;
  readonly stderr: readonly string[];
  /** The process ended itself because the job's code could not be ended: that does not use up a restart. */
  readonly isBlameless?: boolean | undefined;
  /** The record that a careful attempt was at. */
  readonly place?: Place | undefined;
}

/** The limits that a driver sets for a run. A driver that resumes the run may set others. */
export interface RunLimits {
  /** How many workers the driver starts, or finds listening. */
  readonly workerCount: number;
  /** How many attempts of a task may fail. */
  readonly maxAttempts: number;
  /** How often a worker is started again, and how many workers one task may lose. */
  readonly maxRespawns: number;
  /** How long an attempt may make no progress; 0: no limit. */
  readonly taskTimeoutMs: number;
  /** Whether slow tasks get a backup attempt. */
  readonly backup: boolean;
  /** How many bad records a run may skip. */
  readonly skipBadRecords: number;
}

export interface SchedulerOptions extends RunLimits {
  readonly mapCount: number;
  readonly reduceCount: number;
}

/** A key, and the sum of its values if the job adds them; otherwise the approximate number of its pairs. */
export type HotKey = readonly [key: string, weight: number];

export interface AttemptProgressed {
  readonly type: 'attempt-progressed';
  readonly attempt: AttemptId;
  readonly records: number;
  readonly bytes: number;
  /** A count of other work, such as blocks merged, pairs emitted and values drawn: more of it is progress. */
  readonly steps?: number | undefined;
  /** The record or key that it is at. */
  readonly place?: Place | undefined;
  /** The largest heap that the job's code was seen to use. */
  readonly heapBytes?: number | undefined;
}

export type Event =
  /** Keys are partitioned by range: the first key of each partition but the first, in base64. */
  | { readonly type: 'ranges-cut'; readonly firstKeys: readonly string[] }
  /** All chunks are written: map tasks can run. `bytes`: the input bytes of each chunk. */
  | { readonly type: 'chunks-written'; readonly bytes: readonly number[] }
  /** A damaged chunk has been written again. */
  | { readonly type: 'chunk-rewritten'; readonly chunk: number }
  /** A worker that the driver has not started joins, under the next free number. */
  | {
      readonly type: 'worker-joined';
      readonly worker: WorkerId;
      readonly name: string;
      readonly url: string;
      readonly pid: number;
      readonly host: string;
    }
  /** A worker listens; it may have been lost before. */
  | { readonly type: 'worker-ready'; readonly worker: WorkerId; readonly url: string; readonly pid: number }
  /** A worker, or the process that was to become one, is gone. Its attempt is lost. */
  | { readonly type: 'worker-lost'; readonly worker: WorkerId; readonly cause: LossCause }
  /** A worker accepts no more tasks, and finishes its current one. */
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
      /** The keys that a map attempt emitted most, for readers of the journal. */
      readonly hotKeys?: readonly HotKey[] | undefined;
    }
  /** The attempt reported success, but its file is not as reported, or cannot become the task's file. */
  | { readonly type: 'commit-failed'; readonly attempt: AttemptId; readonly message: string }
  /** The results are in place, where readers find them. */
  | { readonly type: 'published' }
  /** A driver resumes the run of one that died, with its own workers and limits. No attempt is open. */
  | { readonly type: 'driver-resumed'; readonly limits: RunLimits }
  /** The file of a committed task is missing or damaged. */
  | { readonly type: 'output-lost'; readonly task: TaskId; readonly message: string }
  /** Every file that `verify` named has been checked. */
  | { readonly type: 'outputs-verified' }
  /** Time has passed. */
  | { readonly type: 'ticked' }
  /** The driver did not run for this long: it was stopped, or its machine slept. That time counts against no attempt. */
  | { readonly type: 'driver-absent'; readonly ms: number }
  /** Someone asked the run to stop. */
  | { readonly type: 'interrupted'; readonly signal: string };

export interface StartAttempt {
  readonly type: 'start-attempt';
  readonly attempt: AttemptId;
  readonly task: TaskId;
  readonly worker: WorkerId;
  /** Whether this is a second attempt of a task whose first one is slow. */
  readonly backup: boolean;
  /** How often a map output has been made again so far. */
  readonly generation: number;
  /** Whether the attempt writes a place mark before each record. */
  readonly careful: boolean;
  readonly skip: readonly SkippedRecord[];
}

/** The file of a committed task, with the size and checksum that it must have. */
export interface CommittedFile {
  readonly task: TaskId;
  readonly bytes: number;
  readonly checksum: number;
}

export type Command =
  | StartAttempt
  /** Stop an attempt that is no longer wanted. `attempt-cancelled` or `worker-lost` follows. */
  | {
      readonly type: 'cancel-attempt';
      readonly attempt: AttemptId;
      readonly worker: WorkerId;
      readonly reason: CancelReason;
      /** The record or key at which it hung, if it made no progress. */
      readonly place?: Place | undefined;
    }
  /**
   * Make sure that the worker's old process is gone, and start one in its place. `restart` says how many of its restarts are
   * used up: but not by this restart, if the worker was lost at a record that is skipped from now on.
   */
  | {
      readonly type: 'respawn-worker';
      readonly worker: WorkerId;
      readonly restart: number;
      /** The longest time to wait before that. */
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
  /** Remove the file of a committed task: it will be made again. */
  | { readonly type: 'discard'; readonly task: TaskId }
  | { readonly type: 'rewrite-chunk'; readonly chunk: number }
  | { readonly type: 'verify'; readonly files: readonly CommittedFile[] }
  /** Put the results in place, with the list of the skipped records. */
  | { readonly type: 'publish'; readonly skipped: readonly SkippedBadRecord[] }
  | { readonly type: 'end'; readonly outcome: Outcome };

/** `won`: the task's other attempt was first. `timeout`: no progress. `outdated`: a map output that it reads is made again. */
export type CancelReason = 'won' | 'timeout' | 'outdated';

export type Outcome =
  | { readonly state: 'done'; readonly skipped: readonly SkippedBadRecord[] }
  | { readonly state: 'failed'; readonly cause: FailureCause }
  | { readonly state: 'interrupted'; readonly signal: string };

/** A record that ended two attempts and was skipped, with what happened the last time. */
export interface SkippedBadRecord extends SkippedRecord {
  readonly task: TaskId;
  readonly file: string;
  readonly cause: string;
}

/** The end of an attempt that did not succeed. */
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
      /** The task of the last worker, or the first that waits; undefined if the chunks were not written yet. */
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
  /** The driver found while cutting the chunks that an input has changed. */
  | { readonly type: 'input-changed'; readonly task?: undefined; readonly message: string };
