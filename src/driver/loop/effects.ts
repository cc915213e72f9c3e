// The one seam between deciding and doing: everything that a run does to the world, as an interface. What is behind it is
// a real machine, or a simulated one.

import type { AttemptId, TaskId } from '../../task-ids.ts';
import type { JournalLine } from '../../scheduler/journal.ts';
import type { CommittedFile, Event, SkippedBadRecord, StartAttempt, WorkerId } from '../../scheduler/events.ts';

/** How the world tells the driver what happened. */
export type Report = (event: Event) => void;

/** Each call starts something and returns; what comes of it is reported as events, at once or later. */
export interface Effects {
  /** The time, in milliseconds since 1970. */
  now(): number;
  /** Adds lines to the journal: they are there, for the next driver, before anything that follows from them is done. */
  append(lines: readonly JournalLine[]): void;
  /** After a random part of the delay. Reports `worker-ready` or `worker-lost`. */
  respawnWorker(worker: WorkerId, delayMs: number): void;
  /** Reports `attempt-progressed` any number of times, then `attempt-succeeded`, `attempt-failed` or `worker-lost`. */
  startAttempt(order: StartAttempt): void;
  /** Reports `attempt-cancelled` when the worker is free, or `worker-lost`. */
  cancelAttempt(attempt: AttemptId, worker: WorkerId): void;
  /** Reports `task-committed` or `commit-failed`. */
  commit(attempt: AttemptId, file: CommittedFile): void;
  /** Removes a task's file, where it is there. Reports nothing. */
  discard(task: TaskId): void;
  /** Reports `chunk-rewritten`. */
  rewriteChunk(chunk: number): void;
  /** Reports `output-lost` for each file that is missing or damaged, then `outputs-verified`. */
  verify(files: readonly CommittedFile[]): void;
  /** Reports `published`; or, where files were touched meanwhile, `output-lost` for each of them. */
  publish(skipped: readonly SkippedBadRecord[]): void;
}
