// Compares the slowest task of a phase with the median.

import type { Command, Event } from '../scheduler/events.ts';
import { type AttemptId, kindOf, type TaskId, type TaskKind, taskOf } from '../task-ids.ts';

export interface Slowest {
  readonly task: TaskId;
  readonly durationMs: number;
  readonly medianMs: number;
}

/** Folds the events of a run. The duration of a task is that of its committed attempt. */
export class TaskTimes {
  readonly #startMs = new Map<AttemptId, number>();
  readonly #durationMs = { map: new Map<TaskId, number>(), reduce: new Map<TaskId, number>() };

  observe(nowMs: number, event: Event, commands: readonly Command[]): void {
    for (const command of commands) if (command.type === 'start-attempt') this.#startMs.set(command.attempt, nowMs);
    if (event.type !== 'task-committed') return;
    const { attempt } = event;
    const startMs = this.#startMs.get(attempt);
    if (startMs === undefined) return;
    this.#startMs.delete(attempt);
    this.#durationMs[kindOf(attempt)].set(taskOf(attempt), nowMs - startMs);
  }

  /** The slowest task; undefined if there are not yet two durations to compare. */
  slowest(kind: TaskKind): Slowest | undefined {
    const sorted = [...this.#durationMs[kind]].sort(([, a], [, b]) => a - b);
    const last = sorted.at(-1);
    if (last === undefined || sorted.length < 2) return undefined;
    const [task, durationMs] = last;
    const low = sorted[(sorted.length - 1) >> 1]![1];
    const high = sorted[sorted.length >> 1]![1];
    return { task, durationMs, medianMs: (low + high) / 2 };
  }
}
