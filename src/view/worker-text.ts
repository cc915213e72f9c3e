// Workers in words: what they are called, what they are doing, and in which process.

import type { WorkerId } from '../scheduler/events.ts';
import type { WorkerMoment } from './moment.ts';
import type { WorkerPresence } from './record.ts';

export type WorkerState = 'idle' | 'busy' | Exclude<WorkerPresence, 'here'>;

/** The states as /status and /metrics name them, with their words for people. */
export const WORKER_STATES: Readonly<Record<WorkerState, string>> = {
  idle: 'idle',
  busy: 'busy',
  away: 'starting',
  leaving: 'leaving',
  'set-aside': 'set aside',
  gone: 'gone',
};

export function workerState({ presence, attempt }: WorkerMoment): WorkerState {
  if (presence !== 'here') return presence;
  return attempt === undefined ? 'idle' : 'busy';
}

/** `2 busy, 1 starting` */
export function workersText(workers: readonly WorkerMoment[]): string {
  const counts = new Map<string, number>();
  for (const worker of workers) {
    const state = WORKER_STATES[workerState(worker)];
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}

/** `process 4711`, or an empty text if the worker has no process. */
export function processText({ row: { pid }, presence }: WorkerMoment): string {
  return pid === undefined || (presence !== 'here' && presence !== 'leaving') ? '' : `process ${pid}`;
}

/** `worker 3`, or the name under which the worker joined. */
export function workerName(id: WorkerId, known: { readonly name: string } | undefined): string {
  return known?.name ?? `worker ${id}`;
}

export function nameOfWorker(workers: readonly WorkerMoment[], id: WorkerId): string {
  return workerName(id, workers.find(({ row }) => row.id === id)?.row);
}
