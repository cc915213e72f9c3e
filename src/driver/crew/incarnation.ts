// What the driver knows of a worker from the moment that it is there until it is lost.

import type { AttemptId } from '../../task-ids.ts';
import type { Loss, WorkerClient } from './worker-client.ts';
import type { WorkerProcess } from './worker-process.ts';

/** One life of a worker: from the moment that it is there to its loss. */
export interface Incarnation {
  client: WorkerClient | undefined;
  /** It came by itself: nobody takes its place, and where it comes back it is who it was. */
  readonly isVisitor: boolean;
  readonly process: WorkerProcess | undefined;
  port: number | undefined;
  attempt: AttemptId | undefined;
  /** It gives up an attempt, or ends because it cannot: if it is lost meanwhile, that is no fault of its own. */
  isStopping: boolean;
  lost: boolean;
}

/** A worker that is about to start. */
export const NOTHING_YET: Incarnation = {
  client: undefined,
  isVisitor: false,
  process: undefined,
  port: undefined,
  attempt: undefined,
  isStopping: false,
  lost: false,
};

/** How a worker is lost that has said in its answer that it ends itself. */
export const ENDS_ITSELF: Loss = { message: "it ends its process with the job's code", reached: true, isSilent: false };
