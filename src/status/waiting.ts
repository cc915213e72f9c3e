// What a run waits for, in one sentence; how fast it goes; and when its phase may end.

import type { AttemptRow, RunRecord } from './run-record.ts';
import type { Moment } from './moment.ts';
import { countText, plural } from './words.ts';

/** A worker that runs a task speaks once a second: a shorter silence is none. */
const SILENCE_MS = 2000;
/** An attempt that takes so many times as long as others will end nobody knows when. */
const FAR_LONGER = 3;
/** Rates are of the last seconds. */
const RATE_MS = 5000;

/** `reduce 3 waits for map 17 on worker 2, silent for 4 s, given up in 6 s` */
export function waitingText(record: RunRecord, moment: Moment): string {
  const { phase, phases, atMs } = moment;
  if (phase === 'done') return 'Done: nothing is left to wait for.';
  if (phase === 'failed' || phase === 'interrupted') return `Over: ${record.outcome?.text.split('\n', 1)[0] ?? phase}.`;
  if (phase === 'chunk') return 'Map tasks wait for the chunks to be written.';
  const { waiting, runningAttempts, taskCount, committed } = phases[phase];
  if (runningAttempts.length === 0) return withoutAttempts(moment, phase, waiting);
  const silent = runningAttempts
    .map((row) => ({ row, ms: silenceOf(record, row, atMs) }))
    .reduce((longest, next) => (next.ms > longest.ms ? next : longest));
  const slowest =
    silent.ms >= SILENCE_MS ? silent.row : runningAttempts.reduce((a, b) => (b.startMs < a.startMs ? b : a));
  const who =
    waiting > 0
      ? `${plural(waiting, `${phase} task`)} ${waiting === 1 ? 'waits' : 'wait'} for a free worker; the oldest attempt is `
      : phase === 'map'
        ? `${plural(phases.reduce.taskCount, 'reduce task')} ${phases.reduce.taskCount === 1 ? 'waits' : 'wait'} for `
        : 'The run waits for ';
  const others = waiting > 0 ? 0 : taskCount - committed - 1;
  const more = others > 0 ? `, and for ${countText(others)} more` : '';
  return `${who}${slowest.id} on ${nameOf(record, slowest)}, ${howItGoes(record, slowest, atMs)}${more}.`;
}

/** Bytes and records read a second, over the last seconds. */
export function rates(record: RunRecord, atMs: number): { readonly bytes: number; readonly records: number } {
  const fromMs = Math.max(0, atMs - RATE_MS);
  let bytes = 0;
  let records = 0;
  for (const row of record.attempts) {
    const endMs = Math.min(row.endMs ?? record.nowMs, record.nowMs);
    const overlapMs = Math.min(endMs, atMs) - Math.max(row.startMs, fromMs);
    if (overlapMs <= 0 || row.outcome === 'lost' || row.outcome === 'failed') continue;
    const share = overlapMs / Math.max(1, endMs - row.startMs);
    bytes += row.bytes * share;
    records += row.records * share;
  }
  const seconds = Math.max(0.05, (atMs - fromMs) / 1000);
  return { bytes: bytes / seconds, records: records / seconds };
}

/** In how many milliseconds the phase may end, from how long its tasks have taken; undefined where none has ended yet, or one takes far longer. */
export function remainingMs({ phase, phases, atMs }: Moment): number | undefined {
  if (phase !== 'map' && phase !== 'reduce') return undefined;
  const { waiting, meanMs, runningAttempts } = phases[phase];
  if (meanMs === 0 || runningAttempts.length === 0) return undefined;
  const longestMs = Math.max(...runningAttempts.map(({ startMs }) => atMs - startMs));
  if (longestMs > FAR_LONGER * meanMs) return undefined;
  const left = runningAttempts.map(({ startMs }) => Math.max(meanMs / 10, meanMs - (atMs - startMs)));
  return Math.max(...left, (waiting * meanMs + left.reduce((sum, ms) => sum + ms, 0)) / runningAttempts.length);
}

function withoutAttempts({ workers }: Moment, phase: string, waiting: number): string {
  const away = workers.filter(({ presence }) => presence === 'away');
  const tasks = `${plural(waiting, `${phase} task`)} ${waiting === 1 ? 'waits' : 'wait'}`;
  if (away.length > 0)
    return `${tasks} for ${away
      .map(({ row }) => row.name)
      .slice(0, 3)
      .join(', ')} to start.`;
  if (waiting > 0) return `${tasks} for a worker.`;
  return `The last ${phase} tasks are being committed.`;
}

function howItGoes(record: RunRecord, row: AttemptRow, atMs: number): string {
  const ms = silenceOf(record, row, atMs);
  if (ms < SILENCE_MS) return `running for ${seconds(atMs - row.startMs)}`;
  const { silenceMs } = record.allowed;
  const givenUp = silenceMs === undefined ? '' : `, given up in ${seconds(Math.max(0, silenceMs - ms))}`;
  return `silent for ${seconds(ms)}${givenUp}`;
}

/** How long nothing has been heard of an attempt's worker. Known for now only. */
function silenceOf(record: RunRecord, { worker, startMs }: AttemptRow, atMs: number): number {
  const seenMs = record.workers.find(({ id }) => id === worker)?.lastSeenMs ?? startMs;
  return record.endedMs !== undefined && atMs < record.endedMs ? 0 : atMs - Math.max(seenMs, startMs);
}

function nameOf(record: RunRecord, { worker }: AttemptRow): string {
  return record.workers.find(({ id }) => id === worker)?.name ?? `worker ${worker}`;
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
