// Waits for a worker that was silent for too long: it may have been stopped, or its machine frozen, and may come back.

import { setTimeout as delay } from 'node:timers/promises';

import type { WorkerClient } from './worker-client.ts';

/** How often a silent worker is asked whether it is back. */
const LOOK_MS = 500;

/**
 * Asks a worker again and again until it is idle. Returns its process id; `joined` if it has joined again meanwhile, which
 * `hasJoined` says; undefined if `end` comes first.
 */
export async function awaitReturn(
  client: Pick<WorkerClient, 'health'>,
  hasJoined: () => boolean,
  end: AbortSignal,
): Promise<number | 'joined' | undefined> {
  while (!end.aborted) {
    const health = await client.health();
    if (hasJoined()) return 'joined';
    if (health?.state === 'idle' && !end.aborted) return health.pid;
    await delay(LOOK_MS, undefined, { ref: false });
  }
  return undefined;
}
