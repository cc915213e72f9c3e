// Starts the workers of a run: adopts those that listen already, and spawns the others.

import type { RunShape } from '../plan-run.ts';
import type { Dispatch } from '../loop/effects.ts';
import type { WorkerPool } from './worker-pool.ts';

/**
 * Adopts the workers that were found listening. Reports those as lost that the `workers` command had started and that no
 * longer answer: the scheduler decides whether to replace them. Spawns all others.
 */
export async function startCrew(
  pool: WorkerPool,
  { found, workerCount }: Pick<RunShape, 'found' | 'workerCount'>,
  dispatch: Dispatch,
): Promise<void> {
  const ports = [...found.listening.map(({ port }) => port), ...found.missing].slice(0, workerCount);
  for (const [index, port] of ports.entries()) pool.reserve(index + 1, port);
  const started: Promise<void>[] = [];
  for (let worker = 1; worker <= workerCount; worker++) {
    const listening = found.listening[worker - 1];
    if (listening !== undefined) {
      started.push(pool.adopt(worker, listening.port, listening.pid));
    } else if (ports[worker - 1] !== undefined) {
      const message = 'nothing listens where the workers command had started it';
      dispatch({ type: 'worker-lost', worker, cause: { message, reached: false, stderr: [] } });
    } else {
      started.push(pool.spawn(worker));
    }
  }
  await Promise.all(started);
}
