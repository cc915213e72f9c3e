// Serves `GET /metrics`: the run's figures for Prometheus, in base units, counters with `_total`. They are taken from the record on
// each request, so nothing is counted twice.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { countersOf, type Moment, momentOf } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { workerState } from '../view/worker-text.ts';
import { kindOf } from '../task-ids.ts';

const DURATION_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const KINDS = ['map', 'reduce'] as const;
const OUTCOMES = ['won', 'lost', 'failed', 'cancelled'] as const;
const STATES = ['chunk', 'map', 'reduce', 'done', 'failed', 'interrupted'] as const;

export async function metricsOf(record: RunRecord, atMs: number): Promise<{ type: string; text: string }> {
  const registry = new Registry();
  const moment = momentOf(record, atMs);
  describeRun(registry, record, moment);
  describeTasks(registry, record, moment);
  describeWorkers(registry, record, moment);
  return { type: registry.contentType, text: await registry.metrics() };
}

function describeRun(registry: Registry, { run, endedMs }: RunRecord, moment: Moment): void {
  const registers = [registry];
  new Gauge({
    name: 'mapreduce_run_info',
    help: 'The run that the driver runs: always 1.',
    labelNames: ['run', 'job'],
    registers,
  }).set({ run: run.id, job: run.job }, 1);
  const state = new Gauge({
    name: 'mapreduce_run_state',
    help: '1 for the state of the run, 0 for the others.',
    labelNames: ['state'],
    registers,
  });
  for (const name of STATES) state.set({ state: name }, Number(name === moment.phase));
  new Gauge({
    name: 'mapreduce_run_start_time_seconds',
    help: 'When the run began, in seconds since 1970.',
    registers,
  }).set(run.startedAt / 1000);
  new Gauge({ name: 'mapreduce_run_duration_seconds', help: 'How long the run has taken so far.', registers }).set(
    (endedMs ?? moment.atMs) / 1000,
  );
  const count = (name: string, help: string, value: number): void => {
    new Counter({ name, help, registers }).inc(value);
  };
  count('mapreduce_reassignments_total', 'Attempts started because an earlier one was not committed.', moment.retries);
  count('mapreduce_backup_attempts_total', 'Second attempts of slow tasks.', moment.backups.started);
  count('mapreduce_backup_attempts_won_total', 'Second attempts that were committed.', moment.backups.won);
  count('mapreduce_skipped_records_total', 'Bad records that were skipped.', moment.skipped);
}

function describeTasks(registry: Registry, record: RunRecord, moment: Moment): void {
  const registers = [registry];
  const tasks = new Gauge({
    name: 'mapreduce_tasks',
    help: 'Tasks by their state.',
    labelNames: ['kind', 'state'],
    registers,
  });
  for (const kind of KINDS) {
    for (const state of ['waiting', 'running', 'committed', 'failed'] as const)
      tasks.set({ kind, state }, moment.phases[kind][state]);
  }
  describeAmounts(registry, record);
  describeAttempts(registry, record);
  const tally = new Gauge({
    name: 'mapreduce_job_tally',
    help: "The job's own counters, over committed tasks: a gauge, because they may fall.",
    labelNames: ['name'],
    registers,
  });
  for (const [name, { map, reduce }] of countersOf(moment)) tally.set({ name }, map + reduce);
}

/** Counts all attempts, including those that were not committed, so that no counter falls. */
function describeAmounts(registry: Registry, { attempts }: RunRecord): void {
  const perKind = (name: string, help: string): Counter => {
    const counter = new Counter({ name, help, labelNames: ['kind'], registers: [registry] });
    for (const kind of KINDS) counter.inc({ kind }, 0);
    return counter;
  };
  const totals = {
    records: perKind(
      'mapreduce_read_records_total',
      'Records read by map attempts, and pairs read by reduce attempts.',
    ),
    bytes: perKind('mapreduce_read_bytes_total', 'Bytes that attempts have read.'),
    recordsOut: perKind('mapreduce_written_records_total', 'Pairs and lines written by attempts that succeeded.'),
    bytesOut: perKind('mapreduce_written_bytes_total', 'Bytes written by attempts that succeeded.'),
    spills: perKind('mapreduce_spills_total', 'How often attempts that succeeded had to write a full buffer.'),
  };
  for (const row of attempts) {
    const kind = kindOf(row.task);
    for (const name of ['records', 'bytes', 'recordsOut', 'bytesOut', 'spills'] as const)
      totals[name].inc({ kind }, row[name] ?? 0);
  }
}

function describeAttempts(registry: Registry, { attempts }: RunRecord): void {
  const registers = [registry];
  const ended = new Counter({
    name: 'mapreduce_attempts_total',
    help: 'Attempts that have ended, by outcome.',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'mapreduce_task_duration_seconds',
    help: 'The duration of committed attempts.',
    labelNames: ['kind'],
    buckets: DURATION_SECONDS,
    registers,
  });
  for (const kind of KINDS) for (const outcome of OUTCOMES) ended.inc({ kind, outcome }, 0);
  for (const { task, outcome, startMs, endMs } of attempts) {
    const kind = kindOf(task);
    if (outcome === 'running' || outcome === 'answered' || endMs === undefined) continue;
    ended.inc({ kind, outcome });
    if (outcome === 'won') durations.observe({ kind }, (endMs - startMs) / 1000);
  }
}

function describeWorkers(registry: Registry, { run, allowed }: RunRecord, { workers }: Moment): void {
  const registers = [registry];
  const states = new Gauge({
    name: 'mapreduce_workers',
    help: 'Workers by their state.',
    labelNames: ['state'],
    registers,
  });
  const restarts = new Counter({ name: 'mapreduce_worker_restarts_total', help: 'Workers started again.', registers });
  const seen = new Gauge({
    name: 'mapreduce_worker_last_seen_timestamp_seconds',
    help: 'When a worker last reported, in seconds since 1970.',
    labelNames: ['worker'],
    registers,
  });
  const heap = new Gauge({
    name: 'mapreduce_worker_heap_bytes',
    help: "The heap of the job's code, as last reported.",
    labelNames: ['worker'],
    registers,
  });
  const { heapBytes: limit } = allowed;
  if (limit !== undefined) {
    const help = "The heap that the job's code may use.";
    new Gauge({ name: 'mapreduce_worker_heap_limit_bytes', help, registers }).set(limit);
  }
  for (const state of ['idle', 'busy', 'away', 'leaving', 'set-aside', 'gone']) states.set({ state }, 0);
  for (const worker of workers) {
    states.inc({ state: workerState(worker) });
    restarts.inc(worker.row.restarts);
    const { name, lastSeenMs } = worker.row;
    if (lastSeenMs !== undefined) seen.set({ worker: name }, (run.startedAt + lastSeenMs) / 1000);
    if (worker.row.heapBytes !== undefined) heap.set({ worker: name }, worker.row.heapBytes);
  }
}
