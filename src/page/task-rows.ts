// Makes the rows of the tasks table: its columns, their order, and the quantiles of committed tasks.

import { lastErrorOf, type Moment, shareAt, type TaskMoment } from '../view/moment.ts';
import type { AttemptRow, RunRecord } from '../view/record.ts';
import { workerName } from '../view/worker-text.ts';
import { bytesText, countText, durationText } from '../view/numbers.ts';

export interface TaskRow {
  readonly task: TaskMoment;
  /** The committed attempt, or else the newest. */
  readonly attempt: AttemptRow | undefined;
  readonly worker: string;
  readonly durationMs: number | undefined;
  readonly records: number | undefined;
  readonly bytes: number | undefined;
  readonly error: string;
}

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
  /** The value that rows are sorted by. Undefined comes last. */
  readonly value: (row: TaskRow) => number | string | undefined;
  readonly text: (row: TaskRow) => string;
}

const STATE_ORDER = { failed: 0, running: 1, waiting: 2, committed: 3 } as const;

export const COLUMNS: readonly Column[] = [
  { name: 'task', isNumber: true, value: ({ task }) => task.index, text: ({ task }) => task.id },
  { name: 'state', isNumber: false, value: ({ task }) => STATE_ORDER[task.state], text: ({ task }) => task.state },
  {
    name: 'attempts',
    isNumber: true,
    value: ({ task }) => task.attempts.length,
    text: ({ task }) => countText(task.attempts.length),
  },
  { name: 'worker', isNumber: false, value: ({ attempt }) => attempt?.worker, text: ({ worker }) => worker },
  {
    name: 'duration',
    isNumber: true,
    value: ({ durationMs }) => durationMs,
    text: ({ durationMs }) => (durationMs === undefined ? '' : durationText(durationMs)),
  },
  {
    name: 'records',
    isNumber: true,
    value: ({ records }) => records,
    text: ({ records }) => (records === undefined ? '' : countText(Math.round(records))),
  },
  {
    name: 'bytes',
    isNumber: true,
    value: ({ bytes }) => bytes,
    text: ({ bytes }) => (bytes === undefined ? '' : bytesText(Math.round(bytes))),
  },
  { name: 'last error', isNumber: false, value: ({ error }) => error || undefined, text: ({ error }) => error },
];

export function taskRows(record: RunRecord, { tasks, atMs }: Moment, kind: 'map' | 'reduce'): TaskRow[] {
  const workers = new Map(record.workers.map((row) => [row.id, row]));
  return tasks[kind].map((task) => {
    const attempt = task.winner ?? task.attempts.at(-1);
    const isOpen = task.state === 'running';
    const isShown = attempt !== undefined && (task.winner !== undefined || isOpen);
    return {
      task,
      attempt,
      worker: attempt === undefined ? '' : workerName(attempt.worker, workers.get(attempt.worker)),
      durationMs: isShown ? Math.min(attempt.endMs ?? atMs, atMs) - attempt.startMs : undefined,
      records: isShown ? attempt.records * shareAt(attempt, atMs) : undefined,
      bytes: isShown ? attempt.bytes * shareAt(attempt, atMs) : undefined,
      error: lastErrorOf(task, atMs)?.message.split('\n', 1)[0] ?? '',
    };
  });
}

/** Sorts rows in place. */
export function sortRows(rows: TaskRow[], { value }: Column, isDescending: boolean): TaskRow[] {
  const sign = isDescending ? -1 : 1;
  return rows.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    if (left === right) return a.task.index - b.task.index;
    return left < right ? -sign : sign;
  });
}

const QUANTILES = [
  ['min', 0],
  ['25 %', 0.25],
  ['50 %', 0.5],
  ['75 %', 0.75],
  ['max', 1],
] as const;

export interface QuantileLine {
  readonly name: string;
  readonly duration: string;
  readonly records: string;
  readonly bytes: string;
}

/** The quantiles over committed tasks, by the nearest-rank method. */
export function quantileLines(rows: readonly TaskRow[]): QuantileLine[] {
  const committed = rows.filter(({ task }) => task.state === 'committed');
  if (committed.length === 0) return [];
  const sorted = (of: (row: TaskRow) => number | undefined): number[] =>
    committed.map((row) => of(row) ?? 0).sort((a, b) => a - b);
  const at = (values: readonly number[], share: number): number =>
    values[Math.max(0, Math.ceil(share * values.length) - 1)]!;
  const [durations, records, bytes] = [
    sorted((row) => row.durationMs),
    sorted((row) => row.records),
    sorted((row) => row.bytes),
  ];
  return QUANTILES.map(([name, share]) => ({
    name,
    duration: durationText(at(durations, share)),
    records: countText(Math.round(at(records, share))),
    bytes: bytesText(Math.round(at(bytes, share))),
  }));
}
