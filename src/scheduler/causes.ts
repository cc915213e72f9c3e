// Makes the cause of a failed run from its last attempt or worker.

import type { AttemptEnd, FailureCause, LossCause, WorkerId } from './events.ts';
import type { OpenAttempt, Task, WorkerSlot } from './state.ts';

export type WorkersUsedUp = Extract<FailureCause, { type: 'workers-used-up' }>;

/** The task has no attempt left: too many have failed, or too many workers were lost with it. */
export function usedUp(task: Task, worker: WorkerId, last: AttemptEnd): FailureCause {
  const isLoss = last.kind === 'lost';
  const type = isLoss ? 'losses-used-up' : 'attempts-used-up';
  return { type, task: task.id, worker, attempts: isLoss ? task.losses : task.failures, last };
}

/** A worker was lost, with its attempt if it had one, and will not be started again. */
export function workerUsedUp(
  { id: worker, restarts }: Pick<WorkerSlot, 'id' | 'restarts'>,
  loss: LossCause,
  attempt: OpenAttempt | undefined,
): WorkersUsedUp {
  return { type: 'workers-used-up', task: attempt?.task.id, worker, restarts, last: { kind: 'lost', loss } };
}
