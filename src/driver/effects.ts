// The one seam between deciding and doing: everything that a run does to the world, as an interface.

import type { AttemptId, TaskId } from '../protocol.ts';
import type { Event, WorkerId } from '../scheduler/events.ts';

/** How the world tells the driver what happened. */
export type Report = (event: Event) => void;

/** Each call starts something and returns; what comes of it is reported as events. */
export interface Effects {
  /** Reports `worker-ready` or `worker-lost`, at once or later. */
  respawnWorker(worker: WorkerId): void;
  /** Reports `attempt-progressed` any number of times, then `attempt-succeeded`, `attempt-failed` or `worker-lost`. */
  startAttempt(attempt: AttemptId, task: TaskId, worker: WorkerId): void;
  /** Reports `task-committed`. */
  commit(attempt: AttemptId, task: TaskId): void;
}
