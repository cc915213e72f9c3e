// The state of a run: tasks, attempts and workers.

import type { AttemptFailure, AttemptId, AttemptReport, TaskId, TaskKind } from '../protocol.ts';
import type { LossCause, WorkerId } from './events.ts';

type TaskState = 'waiting' | 'running' | 'committed' | 'failed';

export interface Task {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly index: number;
  state: TaskState;
  /** The newest attempt's number. */
  attempts: number;
  /** How many of them ended without success; one that never reached its worker does not count. */
  failures: number;
  /** The attempt that runs, or whose file is being committed. */
  current: AttemptId | undefined;
  /** What the committed attempt reported. */
  report: AttemptReport | undefined;
}

/** `away`: no process listens, one may be starting. `set-aside`: its restarts are used up. */
type WorkerState = 'away' | 'idle' | 'busy' | 'set-aside';

export interface WorkerSlot {
  readonly id: WorkerId;
  state: WorkerState;
  url: string | undefined;
  pid: number | undefined;
  attempt: AttemptId | undefined;
  restarts: number;
}

/** An attempt that has been started, and has not ended. */
export interface OpenAttempt {
  readonly id: AttemptId;
  readonly task: Task;
  readonly worker: WorkerId;
  /** What it answered; its file waits to be committed. */
  report: AttemptReport | undefined;
}

export interface RunState {
  readonly tasks: { readonly map: readonly Task[]; readonly reduce: readonly Task[] };
  readonly workers: ReadonlyMap<WorkerId, WorkerSlot>;
  readonly open: Map<AttemptId, OpenAttempt>;
  phase: 'chunk' | 'map' | 'reduce' | 'ended';
}

/** An attempt's end that is not a success. */
export type AttemptEnd = AttemptFailure | { readonly kind: 'lost'; readonly loss: LossCause };

export function newTasks(kind: TaskKind, count: number): Task[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${kind}-${index}` as const,
    kind,
    index,
    state: 'waiting',
    attempts: 0,
    failures: 0,
    current: undefined,
    report: undefined,
  }));
}

export function newWorkers(count: number): Map<WorkerId, WorkerSlot> {
  const slot = (id: WorkerId): WorkerSlot => ({
    id,
    state: 'away',
    url: undefined,
    pid: undefined,
    attempt: undefined,
    restarts: 0,
  });
  return new Map(Array.from({ length: count }, (_, index) => [index + 1, slot(index + 1)]));
}
