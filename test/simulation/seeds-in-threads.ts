// Simulates many seeds on all cores.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { Result } from './simulation.ts';

/** The number of seeds in one batch: large runs and small ones average out. */
const BATCH = 20;

/** Simulates seeds in any order. `take` returns whether to continue. */
export async function simulateSeeds(from: number, count: number, take: (result: Result) => boolean): Promise<void> {
  const end = from + count;
  let next = from;
  const nextBatch = (): number[] => {
    const first = next;
    next = Math.min(end, first + BATCH);
    return Array.from({ length: next - first }, (_, index) => first + index);
  };
  const stop = (): void => {
    next = end;
  };
  const threadCount = Math.min(availableParallelism(), Math.ceil(count / BATCH));
  await Promise.all(Array.from({ length: threadCount }, () => runThread(nextBatch, take, stop)));
}

async function runThread(
  nextBatch: () => number[],
  take: (result: Result) => boolean,
  stop: () => void,
): Promise<void> {
  const thread = new Worker(new URL('seed-thread.ts', import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const handOut = (): void => {
    const batch = nextBatch();
    if (batch.length === 0) resolve(undefined);
    else thread.postMessage(batch);
  };
  thread.on('error', reject);
  thread.on('message', (results: readonly Result[]) => {
    if (!results.every(take)) stop();
    handOut();
  });
  handOut();
  try {
    await promise;
  } finally {
    await thread.terminate();
  }
}
