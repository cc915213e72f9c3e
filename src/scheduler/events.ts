// What the scheduler is told, and what it answers. Plain data: both can be written down and played again.

import type { AttemptFailure, AttemptId, AttemptReport, TaskId } from '../protocol.ts';

/** Workers are numbered from 1, as people see them. */
export type WorkerId = number;

/** Why a worker is gone: the error in a sentence, and the last lines that it wrote to stderr, where they are known. */
export interface LossCause {
  readonly message: string;
  /** `false`: nobody listened, so the attempt never began, and does not count against its task. */
  readonly reached: boolean;
  readonly stderr: readonly string[];
}

export type Event =
  /** All chunks are written: map tasks can run. */
  | { readonly type: 'chunks-written' }
  /** A worker listens. */
  | { readonly type: 'worker-ready'; readonly worker: WorkerId; readonly url: string; readonly pid: number }
  /** A worker, or the process that was to become one, is gone. What it ran is lost. */
  | { readonly type: 'worker-lost'; readonly worker: WorkerId; readonly cause: LossCause }
  | {
      readonly type: 'attempt-progressed';
      readonly attempt: AttemptId;
      readonly records: number;
      readonly bytes: number;
    }
  | { readonly type: 'attempt-succeeded'; readonly attempt: AttemptId; readonly report: AttemptReport }
  | { readonly type: 'attempt-failed'; readonly attempt: AttemptId; readonly failure: AttemptFailure }
  /** The attempt's file has become the task's file. */
  | { readonly type: 'task-committed'; readonly attempt: AttemptId }
  /** Someone asked the run to stop. */
  | { readonly type: 'interrupted'; readonly signal: string };

export type Command =
  | { readonly type: 'start-attempt'; readonly attempt: AttemptId; readonly task: TaskId; readonly worker: WorkerId }
  /** Make sure that the worker's old process is gone, and start one in its place. `restart` counts from 1. */
  | { readonly type: 'respawn-worker'; readonly worker: WorkerId; readonly restart: number }
  | { readonly type: 'commit'; readonly attempt: AttemptId; readonly task: TaskId }
  | { readonly type: 'end'; readonly outcome: Outcome };

export type Outcome =
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly cause: FailureCause }
  | { readonly state: 'interrupted'; readonly signal: string };

/** Why a run failed: which task, on which worker, how often, and the last error. */
export type FailureCause =
  | {
      readonly type: 'attempts-used-up';
      readonly task: TaskId;
      readonly worker: WorkerId;
      readonly attempts: number;
      readonly last: AttemptFailure | { readonly kind: 'lost'; readonly loss: LossCause };
    }
  | {
      readonly type: 'workers-used-up';
      /** The task that the last worker had, or the first that waits; undefined where the chunks were not written yet. */
      readonly task: TaskId | undefined;
      readonly worker: WorkerId;
      readonly restarts: number;
      readonly last: { readonly kind: 'lost'; readonly loss: LossCause };
    };
