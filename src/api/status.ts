// Serves `GET /status`: how the run stands, for programs. ARCHITECTURE.md documents the schema.

import * as v from 'valibot';

import { type Moment, momentOf, type PhaseMoment, type WorkerMoment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { ratesOf, remainingMs } from '../view/remaining-time.ts';
import { waitingText } from '../view/waiting.ts';
import { workerState } from '../view/worker-text.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Milliseconds since 1970. */
const time = v.number();

const TaskCounts = v.strictObject({ pending: count, running: count, completed: count, failed: count });

const WorkerStatus = v.strictObject({
  id: count,
  name: v.string(),
  /** `idle` and `busy` listen; `away` is being started; the others take no tasks. */
  status: v.picklist(['idle', 'busy', 'away', 'leaving', 'set-aside', 'gone']),
  url: v.nullable(v.string()),
  pid: v.nullable(count),
  host: v.nullable(v.string()),
  /** When the worker last reported. */
  lastSeen: v.nullable(time),
  currentTask: v.nullable(v.string()),
  currentAttempt: v.nullable(v.string()),
  tasksDone: count,
  restarts: count,
  /** The heap of the job's code, as last reported. */
  heapBytes: v.nullable(count),
});

export const Status = v.strictObject({
  run: v.strictObject({ id: v.string(), job: v.string(), startedAt: time, elapsedMs: v.number() }),
  state: v.picklist(['chunk', 'map', 'reduce', 'done', 'failed', 'interrupted']),
  /** What the run waits for, in one sentence. */
  waitsFor: v.string(),
  tasks: v.strictObject({ map: TaskCounts, reduce: TaskCounts }),
  /** Attempts that were started because an earlier attempt of their task was lost, failed or was cancelled. */
  reassignments: count,
  backups: v.strictObject({ started: count, won: count }),
  skippedRecords: count,
  /** What was read per second, over the last five seconds. */
  rates: v.strictObject({ bytesPerSecond: v.number(), recordsPerSecond: v.number() }),
  /** How long the phase may still take; null if nothing can be said. */
  phaseRemainingMs: v.nullable(v.number()),
  workers: v.array(WorkerStatus),
  /** The latest events, the newest first. */
  events: v.array(v.strictObject({ at: time, text: v.string() })),
});
export type Status = v.InferOutput<typeof Status>;

const MOST_EVENTS = 50;

export function statusOf(record: RunRecord, atMs: number): Status {
  const moment = momentOf(record, atMs);
  const { bytes, records } = ratesOf(moment);
  const { startedAt, id, job } = record.run;
  return {
    run: { id, job, startedAt, elapsedMs: Math.min(atMs, record.endedMs ?? atMs) },
    state: moment.phase,
    waitsFor: waitingText(moment),
    tasks: { map: countsOf(moment.phases.map), reduce: countsOf(moment.phases.reduce) },
    reassignments: moment.retries,
    backups: moment.backups,
    skippedRecords: moment.skipped,
    rates: { bytesPerSecond: Math.round(bytes), recordsPerSecond: Math.round(records) },
    phaseRemainingMs: remaining(moment),
    workers: moment.workers.map((worker) => workerStatus(worker, startedAt)),
    events: record.feed
      .slice(-MOST_EVENTS)
      .reverse()
      .map(({ atMs: ms, text }) => ({ at: startedAt + ms, text })),
  };
}

function workerStatus(worker: WorkerMoment, startedAt: number): Status['workers'][number] {
  const { row, attempt, tasksDone } = worker;
  return {
    id: row.id,
    name: row.name,
    status: workerState(worker),
    url: row.url ?? null,
    pid: row.pid ?? null,
    host: row.host ?? null,
    lastSeen: row.lastSeenMs === undefined ? null : startedAt + row.lastSeenMs,
    currentTask: attempt?.task ?? null,
    currentAttempt: attempt?.id ?? null,
    tasksDone,
    restarts: row.restarts,
    heapBytes: row.heapBytes ?? null,
  };
}

function countsOf({ waiting, running, committed, failed }: PhaseMoment): Status['tasks']['map'] {
  return { pending: waiting, running, completed: committed, failed };
}

function remaining(moment: Moment): number | null {
  const ms = remainingMs(moment);
  return ms === undefined ? null : Math.round(ms);
}
