// Writes a run as a Chrome trace, which Perfetto (ui.perfetto.dev) and chrome://tracing show: one track per worker, one slice per
// attempt, and its phases inside it. Format: "Trace Event Format", as JSON objects. Times are microseconds.

import { outcomeAt } from '../view/moment.ts';
import type { AttemptRow, RunRecord } from '../view/record.ts';
import { kindOf } from '../task-ids.ts';

interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M' | 'i' | 'C';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly s?: 'g';
  readonly args: Readonly<Record<string, unknown>>;
}

const PID = 1;

export function traceText(record: RunRecord): string {
  const events = Array.from(traceEvents(record), (event) => JSON.stringify(event));
  return `{"displayTimeUnit":"ms","traceEvents":[\n${events.join(',\n')}\n]}\n`;
}

function* traceEvents(record: RunRecord): Generator<TraceEvent> {
  const { run, workers, attempts, feed } = record;
  yield { name: 'process_name', ph: 'M', pid: PID, tid: 0, args: { name: `${run.job} ${run.id}` } };
  for (const { id, name } of workers) yield { name: 'thread_name', ph: 'M', pid: PID, tid: id, args: { name } };
  for (const row of attempts) yield* attemptEvents(row, record.nowMs);
  for (const { atMs, text, tone } of feed) {
    yield { name: text, ph: 'i', s: 'g', cat: tone, pid: PID, tid: 0, ts: atMs * 1000, args: {} };
  }
  yield* runningCounts(attempts);
}

function* attemptEvents(row: AttemptRow, nowMs: number): Generator<TraceEvent> {
  const { id, task, worker, backup, startMs, endMs = nowMs, records, bytes, recordsOut, bytesOut, error } = row;
  const outcome = outcomeAt(row, nowMs);
  const args = { task, outcome, backup, records, bytes, recordsOut, bytesOut, error: error?.message };
  const kind = kindOf(task);
  const common = { ph: 'X', pid: PID, tid: worker } as const;
  yield { ...common, name: id, cat: `${kind},${outcome}`, ts: startMs * 1000, dur: (endMs - startMs) * 1000, args };
  let ts = startMs * 1000;
  for (const [name, ms] of row.phases ?? []) {
    const dur = Math.min(ms * 1000, endMs * 1000 - ts);
    if (dur > 0) yield { ...common, name, cat: 'phase', ts, dur, args: {} };
    ts += dur;
  }
}

function* runningCounts(attempts: readonly AttemptRow[]): Generator<TraceEvent> {
  const steps = attempts.flatMap(({ startMs, endMs }) => [
    [startMs, 1] as const,
    ...(endMs === undefined ? [] : [[endMs, -1] as const]),
  ]);
  let running = 0;
  for (const [ms, step] of steps.sort(([a], [b]) => a - b)) {
    running += step;
    yield { name: 'attempts running', ph: 'C', pid: PID, tid: 0, ts: ms * 1000, args: { running } };
  }
}
