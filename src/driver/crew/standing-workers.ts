// Starts workers that serve any number of runs, for the `workers` command.

import { LostError } from '../../errors.ts';
import type { Event, WorkerId } from '../../scheduler/events.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { announceWorkers } from './discovery.ts';
import { checkMayListen, checkPorts } from './port-checks.ts';
import { givenToken, sharedToken } from '../door/obtain-token.ts';
import { WorkerPool } from './worker-pool.ts';

const SILENCE_MS = 10_000;

export interface StandingWorkers {
  readonly ports: readonly number[];
  /** Rejects with LostError when the last worker is lost. */
  readonly allLost: Promise<never>;
  close(): Promise<void>;
}

/**
 * Starts `count` workers on ports from `firstPort` on, skipping ports in use, and waits until all of them are ready.
 * @throws UsageError if there are not enough ports; LostError if a worker does not start
 */
export async function startWorkers(
  workspace: Workspace,
  count: number,
  firstPort: number,
  say: (line: string) => void,
): Promise<StandingWorkers> {
  checkPorts(firstPort, count);
  await checkMayListen('--worker-port', firstPort);
  const ready = new Map<WorkerId, number>();
  let lostCount = 0;
  const { promise: allReady, resolve, reject } = Promise.withResolvers<void>();
  const { promise: allLost, reject: rejectAllLost } = Promise.withResolvers<never>();
  allLost.catch(() => {});
  const dispatch = (event: Event): void => {
    if (event.type === 'worker-ready') ready.set(event.worker, Number(new URL(event.url).port));
    if (ready.size === count) resolve();
    if (event.type !== 'worker-lost') return;
    const said = event.cause.stderr.map((line) => `\n  ${line}`).join('');
    say(`worker ${event.worker} lost: ${event.cause.message}; a driver that needs it starts another in its place`);
    lostCount++;
    if (lostCount === count) rejectAllLost(new LostError('no worker is left'));
    reject(new LostError(`worker ${event.worker} did not start: ${event.cause.message}${said}`));
  };
  const pool = new WorkerPool({
    firstPort,
    token: sharedToken(workspace.token),
    spawnedObey: { of: 'all', given: givenToken() ?? '', file: workspace.token },
    silenceMs: SILENCE_MS,
    onOutput: (worker, line) => say(`[worker ${worker}] ${line}`),
    onPortTaken: (worker, port, next) => say(`port ${port} is held by something else; worker ${worker} takes ${next}`),
    onPortRefused: reject,
    dispatch,
  });
  try {
    await Promise.all([allReady, ...Array.from({ length: count }, (_, index) => pool.spawn(index + 1))]);
  } catch (error) {
    await pool.close();
    throw error;
  }
  const ports = [...ready.values()].sort((a, b) => a - b);
  const withdraw = announceWorkers(workspace, ports);
  return {
    ports,
    allLost,
    close: async () => {
      withdraw();
      await pool.close();
    },
  };
}
