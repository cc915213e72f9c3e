// Works out of the record how a run stood at any time: its counts, tasks and workers. During a run that time is now; in a report
// it is the time that the scrubber is set to. Terminal, page, `/status` and `/metrics` all show a Moment.

import type { WorkerId } from '../scheduler/events.ts';
import type {
  AttemptError,
  AttemptOutcome,
  AttemptRow,
  RunRecord,
  Timeline,
  WorkerPresence,
  WorkerRow,
} from './record.ts';
import { indexOf, kindOf, type TaskId, type TaskKind } from '../task-ids.ts';

type TaskState = 'waiting' | 'running' | 'committed' | 'failed';

export interface TaskMoment {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly index: number;
  state: TaskState;
  /** The attempts that had begun, the oldest first. */
  attempts: readonly AttemptRow[];
  /** The committed attempt. */
  winner: AttemptRow | undefined;
}

/** The totals of a phase. `recordsIn` and `bytesIn` include running attempts. */
export interface PhaseMoment {
  readonly taskCount: number;
  readonly waiting: number;
  readonly running: number;
  readonly committed: number;
  readonly failed: number;
  readonly recordsIn: number;
  readonly bytesIn: number;
  /** Of committed tasks. */
  readonly recordsOut: number;
  readonly bytesOut: number;
  /** How long a committed task took, on average. */
  readonly meanMs: number;
  readonly runningAttempts: readonly AttemptRow[];
  /** How much of the phase is done, from 0 to 1: the share of bytes read if sizes are known, otherwise of tasks committed. */
  readonly share: number;
}

export interface WorkerMoment {
  readonly row: WorkerRow;
  readonly presence: WorkerPresence;
  readonly attempt: AttemptRow | undefined;
  readonly tasksDone: number;
}

type RunPhase = 'chunk' | 'map' | 'reduce' | 'done' | 'failed' | 'interrupted';

export interface Moment {
  readonly record: RunRecord;
  readonly atMs: number;
  readonly phase: RunPhase;
  readonly chunksWritten: boolean;
  readonly tasks: { readonly map: readonly TaskMoment[]; readonly reduce: readonly TaskMoment[] };
  readonly phases: { readonly map: PhaseMoment; readonly reduce: PhaseMoment };
  readonly workers: readonly WorkerMoment[];
  /** How many attempts were started because an earlier attempt of their task was not committed. Backups do not count. */
  readonly retries: number;
  readonly backups: { readonly started: number; readonly won: number };
  readonly skipped: number;
  readonly lostWorkers: number;
  readonly rewrittenChunks: number;
  readonly isChecking: boolean;
}

export function momentOf(record: RunRecord, atMs: number): Moment {
  const tasks = { map: waiting('map', record.run.mapCount), reduce: waiting('reduce', record.run.reduceCount) };
  const begun = record.attempts.filter(({ startMs }) => startMs <= atMs);
  for (const row of begun) addAttempt(taskIn(tasks, row.task), row);
  for (const kind of ['map', 'reduce'] as const) for (const task of tasks[kind]) settle(task, atMs);
  for (const [id, failedMs] of record.failedTasks) {
    const task = taskIn(tasks, id);
    if (failedMs <= atMs && task !== undefined) task.state = 'failed';
  }
  const map = phaseOf(tasks.map, sumOf(record.chunkBytes), atMs);
  const reduce = phaseOf(tasks.reduce, map.committed < map.taskCount ? 0 : map.bytesOut, atMs);
  const phases = { map, reduce };
  const backups = begun.filter(({ backup }) => backup);
  const first = new Set(begun.map(({ task }) => task));
  return {
    record,
    atMs,
    phase: runPhase(record, phases.map, atMs),
    chunksWritten: isBy(record.chunkedMs, atMs),
    tasks,
    phases,
    workers: workersOf(record, begun, atMs),
    retries: retryCount(begun.length, first.size, backups.length),
    backups: { started: backups.length, won: backups.filter((row) => isBy(row.committedMs, atMs)).length },
    skipped: valueAt(record.skipped, atMs) ?? 0,
    lostWorkers: valueAt(record.lostWorkers, atMs) ?? 0,
    rewrittenChunks: valueAt(record.rewrittenChunks, atMs) ?? 0,
    isChecking: valueAt(record.checking, atMs) ?? false,
  };
}

/** How many attempts were neither the first of their task nor a backup. */
export function retryCount(attempts: number, tasksBegun: number, backups: number): number {
  return attempts - tasksBegun - backups;
}

/** The outcome of an attempt as it was known at `atMs`. */
export function outcomeAt(row: AttemptRow, atMs: number): AttemptOutcome {
  if (!isBy(row.endMs, atMs)) return 'running';
  return row.outcome === 'won' && !isBy(row.committedMs, atMs) ? 'answered' : row.outcome;
}

/** The share of all that an attempt read in the end that it had read by `atMs`. If only the end is known, interpolates. */
export function shareAt({ startMs, endMs }: AttemptRow, atMs: number): number {
  if (endMs === undefined || atMs >= endMs) return 1;
  return endMs <= startMs ? 1 : Math.max(0, (atMs - startMs) / (endMs - startMs));
}

/** The job's counters, added up over the committed tasks of each kind. */
export function countersOf({ tasks }: Moment): Map<string, { map: number; reduce: number }> {
  const totals = new Map<string, { map: number; reduce: number }>();
  for (const kind of ['map', 'reduce'] as const) {
    for (const { winner } of tasks[kind]) {
      for (const [name, count] of winner?.counters ?? []) {
        const total = totals.get(name) ?? { map: 0, reduce: 0 };
        total[kind] += count;
        totals.set(name, total);
      }
    }
  }
  return totals;
}

/** The error of the newest attempt that was lost or failed. */
export function lastErrorOf({ attempts }: TaskMoment, atMs: number): AttemptError | undefined {
  return attempts.findLast((row) => (row.outcome === 'lost' || row.outcome === 'failed') && isBy(row.endMs, atMs))
    ?.error;
}

function settle(task: TaskMoment, atMs: number): void {
  let isRunning = false;
  for (const row of task.attempts) {
    if (isBy(row.committedMs, atMs) && !isBy(row.discardedMs, atMs)) task.winner = row;
    const outcome = outcomeAt(row, atMs);
    if (outcome === 'running' || outcome === 'answered') isRunning = true;
  }
  task.state = task.winner === undefined ? (isRunning ? 'running' : 'waiting') : 'committed';
}

function phaseOf(tasks: readonly TaskMoment[], wholeBytes: number, atMs: number): PhaseMoment {
  const count = { waiting: 0, running: 0, committed: 0, failed: 0 };
  const amount = { recordsIn: 0, bytesIn: 0, recordsOut: 0, bytesOut: 0 };
  const runningAttempts: AttemptRow[] = [];
  let tookMs = 0;
  let readBytes = 0;
  for (const task of tasks) {
    count[task.state]++;
    const { winner } = task;
    if (winner !== undefined) {
      amount.recordsOut += winner.recordsOut ?? 0;
      amount.bytesOut += winner.bytesOut ?? 0;
      tookMs += (winner.endMs ?? atMs) - winner.startMs;
    }
    const isOpen = winner === undefined && task.attempts.length > 0;
    const running = isOpen ? task.attempts.filter((row) => outcomeAt(row, atMs) === 'running') : NONE;
    runningAttempts.push(...running);
    const counted = winner ?? running[0];
    if (counted === undefined) continue;
    amount.recordsIn += counted.records * shareAt(counted, atMs);
    const bytes = counted.bytes * shareAt(counted, atMs);
    amount.bytesIn += bytes;
    readBytes += readOf(counted, winner !== undefined, bytes);
  }
  const meanMs = count.committed === 0 ? 0 : tookMs / count.committed;
  const taskCount = tasks.length;
  const share =
    count.committed === taskCount
      ? 1
      : wholeBytes > 0
        ? Math.min(1, readBytes / wholeBytes)
        : count.committed / taskCount;
  return { taskCount, ...count, ...amount, meanMs, runningAttempts, share };
}

/** How many bytes of a task count as read. A compressed input yields more bytes than there are to read. */
function readOf({ wholeBytes }: AttemptRow, isCommitted: boolean, bytes: number): number {
  if (wholeBytes === undefined) return bytes;
  return isCommitted ? wholeBytes : Math.min(wholeBytes, bytes);
}

function runPhase(record: RunRecord, map: PhaseMoment, atMs: number): RunPhase {
  if (isBy(record.endedMs, atMs)) return record.outcome?.state ?? 'done';
  if (!isBy(record.chunkedMs, atMs)) return 'chunk';
  return map.committed < map.taskCount ? 'map' : 'reduce';
}

function workersOf(record: RunRecord, begun: readonly AttemptRow[], atMs: number): WorkerMoment[] {
  const attempts = new Map<WorkerId, AttemptRow>();
  const done = new Map<WorkerId, number>();
  for (const row of begun) {
    if (!isBy(row.endMs, atMs)) attempts.set(row.worker, row);
    if (isBy(row.committedMs, atMs)) done.set(row.worker, (done.get(row.worker) ?? 0) + 1);
  }
  return record.workers
    .map((row): WorkerMoment => {
      const presence = valueAt(row.presence, atMs) ?? 'away';
      return { row, presence, attempt: attempts.get(row.id), tasksDone: done.get(row.id) ?? 0 };
    })
    .sort((a, b) => a.row.id - b.row.id);
}

/** The attempts of tasks that have none: one list for all, because a moment of 100,000 tasks is made again and again. */
const NONE: readonly AttemptRow[] = [];

function waiting(kind: TaskKind, count: number): TaskMoment[] {
  return Array.from({ length: count }, (_, index) => ({
    id: idOf(kind, index),
    kind,
    index,
    state: 'waiting',
    attempts: NONE,
    winner: undefined,
  }));
}

function addAttempt(task: TaskMoment | undefined, row: AttemptRow): void {
  if (task === undefined) return;
  if (task.attempts === NONE) task.attempts = [row];
  else (task.attempts as AttemptRow[]).push(row);
}

/** The ids made so far, by index: every moment has the same ones. */
const ids: Readonly<Record<TaskKind, TaskId[]>> = { map: [], reduce: [] };

function idOf(kind: TaskKind, index: number): TaskId {
  return (ids[kind][index] ??= `${kind}-${index}`);
}

function taskIn(tasks: Moment['tasks'], id: TaskId): TaskMoment | undefined {
  return tasks[kindOf(id)][indexOf(id)];
}

function valueAt<T>(timeline: Timeline<T>, atMs: number): T | undefined {
  return timeline.findLast(([fromMs]) => fromMs <= atMs)?.[1];
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function isBy(thenMs: number | undefined, atMs: number): boolean {
  return thenMs !== undefined && thenMs <= atMs;
}
