// Assigns attempts to workers: any task to any idle worker, tasks in the order of their numbers. When no task waits any more,
// starts backup attempts for the slow ones.

import type { TaskKind } from '../task-ids.ts';
import { slowestTask } from './backups.ts';
import type { RunLimits, StartAttempt } from './events.ts';
import type { Plan } from './plan.ts';
import type { RunState, Task, WorkerSlot } from './state.ts';
import type { Workforce } from './workforce.ts';

/** The attempts that begin now. Backups begin only on a tick. */
export function assign(
  plan: Plan,
  workers: Workforce,
  { phase, limits }: Pick<RunState, 'phase' | 'limits'>,
  isTick: boolean,
  nowMs: number,
): StartAttempt[] {
  if (phase !== 'map' && phase !== 'reduce') return [];
  const started = assignWaiting(plan, workers, phase, limits, nowMs);
  if (!isTick || !limits.backup || plan.hasWaiting(phase)) return started;
  return [...started, ...assignBackups(plan, workers, phase, limits, nowMs)];
}

/** Gives waiting tasks to idle workers, until there are no more of either. */
function assignWaiting(
  plan: Plan,
  workers: Workforce,
  kind: TaskKind,
  limits: RunLimits,
  nowMs: number,
): StartAttempt[] {
  const next = (): Task | undefined => plan.takeWaiting(kind);
  return give(plan, workers, next, limits, nowMs);
}

/** Gives idle workers a second attempt of the slowest tasks. */
function assignBackups(
  plan: Plan,
  workers: Workforce,
  kind: TaskKind,
  limits: RunLimits,
  nowMs: number,
): StartAttempt[] {
  const next = (): Task | undefined => slowestTask(kind, plan.open.values(), plan.durations[kind], nowMs);
  return give(plan, workers, next, limits, nowMs);
}

function give(
  plan: Plan,
  workers: Workforce,
  next: () => Task | undefined,
  limits: RunLimits,
  nowMs: number,
): StartAttempt[] {
  const orders: StartAttempt[] = [];
  for (let slot = workers.nextIdle; slot !== undefined; slot = workers.nextIdle) {
    const task = next();
    if (task === undefined) break;
    orders.push(begin(plan, workers, task, slot, limits, nowMs));
  }
  return orders;
}

function begin(
  plan: Plan,
  workers: Workforce,
  task: Task,
  slot: WorkerSlot,
  { skipBadRecords }: RunLimits,
  nowMs: number,
): StartAttempt {
  const { id, backup } = plan.begin(task, slot, nowMs);
  workers.occupy(slot, id);
  return {
    type: 'start-attempt',
    attempt: id,
    task: task.id,
    worker: slot.id,
    backup,
    generation: plan.generation,
    // A lost worker does not report its record: the next attempt writes a place mark before each record.
    careful: skipBadRecords > 0 && task.kind === 'map' && task.hasLost,
    skip: task.skipped.map(({ slice, offset }) => ({ slice, offset })),
  };
}
