// The one seam between deciding and doing: everything that a run does to the world, as an interface. The implementation
// acts on a real machine or on a simulated one.

import type { AttemptId, TaskId } from '../../task-ids.ts';
import type { JournalLine } from '../../scheduler/journal.ts';
import type { CommittedFile, Event, SkippedBadRecord, StartAttempt, WorkerId } from '../../scheduler/events.ts';

/** Passes an event to the driver's loop. */
export type Dispatch = (event: Event) => void;

/** Each call starts something and returns. Its results are dispatched as events, at once or later. */
export interface Effects {
  /** The time, in milliseconds since 1970. */
  now(): number;
  /** Adds lines to the journal. The next driver will find them, whatever happens after this returns. */
  append(lines: readonly JournalLine[]): void;
  /** Waits for a random part of the delay first. Dispatches `worker-ready` or `worker-lost`. */
  respawnWorker(worker: WorkerId, delayMs: number): void;
  /** Dispatches `attempt-progressed` any number of times, then `attempt-succeeded`, `attempt-failed` or `worker-lost`. */
  startAttempt(order: StartAttempt): void;
  /** Dispatches `attempt-cancelled` when the worker is free, or `worker-lost`. */
  cancelAttempt(attempt: AttemptId, worker: WorkerId): void;
  /** Dispatches `task-committed` or `commit-failed`. */
  commit(attempt: AttemptId, file: CommittedFile): void;
  /** Removes a task's file, if it is there. Dispatches nothing. */
  discard(task: TaskId): void;
  /** Dispatches `chunk-rewritten`. */
  rewriteChunk(chunk: number): void;
  /** Dispatches `output-lost` for each file that is missing or damaged, then `outputs-verified`. */
  verify(files: readonly CommittedFile[]): void;
  /** Dispatches `published`; or, if files were touched in the meantime, `output-lost` for each of them. */
  publish(skipped: readonly SkippedBadRecord[]): void;
}
