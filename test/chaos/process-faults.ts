// The faults of processes: they are killed, stopped, asked to end, and strangers take their ports.

import type { Scene } from './scene.ts';
import { BEHAVIOURS } from './stranger.ts';

export function killWorker({ around, draws }: Scene): string | undefined {
  const pid = draws.oneOf(around.workers());
  return pid !== undefined && signal(pid, 'SIGKILL') ? 'worker killed' : undefined;
}

/** Up to twice as long as `--task-silence` allows. */
export function stopWorker({ around, draws }: Scene): string | undefined {
  const ms = draws.between(50, draws.between(50, 4000));
  const pid = draws.oneOf(around.workers());
  if (pid === undefined || !signal(pid, 'SIGSTOP')) return undefined;
  setTimeout(() => {
    if (around.workers().includes(pid)) signal(pid, 'SIGCONT');
  }, ms);
  return `worker stopped for ${ms} ms`;
}

/** Kills the process in which the driver runs the job's code. */
export function killHost({ around, draws }: Scene): string | undefined {
  const pid = draws.oneOf(around.hosts());
  return pid !== undefined && signal(pid, 'SIGKILL') ? 'job host killed' : undefined;
}

export function killDriver({ driver }: Scene): string {
  driver.signal('SIGKILL');
  return 'driver killed';
}

/** Longer than `--task-silence` and `--task-timeout` allow a worker: the driver's absence must not count against workers. */
export function stopDriver({ draws, driver }: Scene): string {
  const ms = draws.between(50, draws.between(50, 5000));
  driver.signal('SIGSTOP');
  setTimeout(() => {
    if (!driver.ended) driver.signal('SIGCONT');
  }, ms);
  return `driver stopped for ${ms} ms`;
}

/** Ends the driver in order. The same command continues the run. */
export function interruptDriver({ draws, driver }: Scene): string {
  const name = draws.oneOf(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)!;
  driver.signal(name);
  return `driver asked to end by ${name}`;
}

/** Kills a worker, and puts a stranger on its port before another worker takes it. */
export async function replaceWorker({ around, draws }: Scene): Promise<string | undefined> {
  const behaviour = draws.oneOf(BEHAVIOURS)!;
  const pid = draws.oneOf(around.workers());
  const port = pid === undefined ? undefined : around.portOf(pid);
  if (pid === undefined || !signal(pid, 'SIGKILL')) return undefined;
  const isThere = port !== undefined && (await around.invite(port, behaviour));
  return isThere ? `worker killed, on its port a stranger that ${behaviour}` : 'worker killed';
}

/** Puts a stranger on the driver's port: joining workers meet the stranger, and the next driver finds the port in use. */
export async function replaceDriver({ around, draws }: Scene): Promise<string | undefined> {
  const behaviour = draws.oneOf(BEHAVIOURS)!;
  const isThere = await around.invite(around.driverPort, behaviour);
  return isThere ? `on the driver's port a stranger that ${behaviour}` : undefined;
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
