// How a worker notices that its driver has died. What shows it depends on how the worker came to its driver:
//
// - The driver has spawned it: the channel between them closes, and the worker's process ends (`endWithParent`).
// - It runs an attempt, whoever has started it: the connection of the request closes, and the attempt is cancelled
//   (`onHangUp`).
// - It has joined the driver: its next notice fails, at most `NOTICE_EVERY_MS` later, and from then on it looks for another
//   driver at the same URL (`membership.ts`).

import type { ServerResponse } from 'node:http';

import { endProcess } from './end-process.ts';

/**
 * Ends this process, and the processes that the job has started, when the parent process has ended. The system closes
 * the channel to the parent, however that dies.
 */
export function endWithParent(): void {
  process.on('disconnect', endProcess);
}

/** Calls `hungUp` if the connection of a response closes. Returns a function after whose call it no longer does. */
export function onHangUp(response: ServerResponse, hungUp: () => void): () => void {
  response.once('close', hungUp);
  return () => void response.off('close', hungUp);
}
