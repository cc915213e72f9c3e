// How far a phase is: its tasks by state, and what they have read of what there is to read.

import type { RunState, Task, WorkerSlot } from '../scheduler/state.ts';
import type { Pace } from './pace.ts';
import { bytesText, durationText, plural } from './numbers.ts';

export interface PhaseProgress {
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  /** What is read, and what there is to read; in bytes where they are known, otherwise in tasks. */
  readonly done: number;
  readonly whole: number;
  readonly unit: 'byte' | 'task';
}

export function progressOf(tasks: readonly Task[]): PhaseProgress {
  const counts = { waiting: 0, running: 0, committed: 0, failed: 0 };
  const bytes = { done: 0, whole: 0 };
  for (const task of tasks) {
    counts[task.state]++;
    bytes.whole += task.bytes ?? 0;
    bytes.done += readOf(task);
  }
  const inBytes = bytes.whole > 0;
  return {
    total: tasks.length,
    pending: counts.waiting,
    running: counts.running,
    completed: counts.committed,
    failed: counts.failed,
    done: inBytes ? bytes.done : counts.committed,
    whole: inBytes ? bytes.whole : tasks.length,
    unit: inBytes ? 'byte' : 'task',
  };
}

/** What is read of a task, at most all of it: of a compressed input, more comes out than is in it. */
function readOf({ state, bytes = 0, open }: Task): number {
  if (state === 'committed') return bytes;
  return Math.min(bytes, Math.max(0, ...open.map((attempt) => attempt.bytes)));
}

/** How far, how fast and how long still, in short pieces, the most important first; none where that cannot be said. */
export function paceTexts({ done, whole, unit }: PhaseProgress, pace: Pace): string[] {
  const { perSecond } = pace;
  const percent = `${Math.floor((100 * done) / whole)} %`;
  if (perSecond === undefined) return [percent];
  const rate = unit === 'byte' ? `${bytesText(Math.round(perSecond))}/s` : `${perSecond.toFixed(1)} tasks/s`;
  return [percent, `${durationText(pace.remainingMs(whole - done)!)} left`, rate];
}

/** `2 busy, 1 starting` */
export function workersText(workers: RunState['workers']): string {
  const counts = new Map<string, number>();
  for (const { state } of workers.values()) counts.set(STATES[state], (counts.get(STATES[state]) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}

/** A worker's state in plain words. */
export const STATES: Readonly<Record<WorkerSlot['state'], string>> = {
  away: 'starting',
  idle: 'ready',
  busy: 'busy',
  stopping: 'stopping',
  leaving: 'leaving',
  'set-aside': 'set aside',
  gone: 'gone',
};

/** `process 4711`; empty where there is none, or it is gone. */
export function processText({ pid, state }: WorkerSlot): string {
  const isThere = state !== 'away' && state !== 'gone' && state !== 'set-aside';
  return pid === undefined || !isThere ? '' : `process ${pid}`;
}

/** `2 retries, 1 worker lost`; empty where all is well. */
export function troubleText(
  trouble: { readonly retries: number; readonly lostWorkers: number },
  backups: number,
): string {
  return [
    trouble.retries > 0 ? `${trouble.retries} ${trouble.retries === 1 ? 'retry' : 'retries'}` : '',
    trouble.lostWorkers > 0 ? `${plural(trouble.lostWorkers, 'worker')} lost` : '',
    backups > 0 ? plural(backups, 'backup attempt') : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
