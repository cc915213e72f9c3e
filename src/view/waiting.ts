// What a run waits for, in one sentence; how fast it goes; and when its phase may end.

import type { AttemptRow, RunRecord } from './record.ts';
import { type Moment, shareAt } from './moment.ts';
import { countText, durationText, plural } from './numbers.ts';

/** A worker that runs a task speaks once a second: a shorter silence is none. */
const SILENCE_MS = 2000;
/** So long may an attempt read nothing before that is worth a word. */
const STANDSTILL_MS = 5000;
/** An attempt that takes so many times as long as others will end nobody knows when. */
const FAR_LONGER = 3;
/** From what is read in less time nothing is foretold. */
const LEAST_MS = 1000;
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
  return `${who}${slowest.id} on ${nameOf(record, slowest)}, ${howItGoes(record, slowest, atMs)}${backupText(record, slowest, runningAttempts)}${more}.`;
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

/**
 * In how many milliseconds the phase may end, from how much its attempts have read and how long its tasks have taken;
 * undefined where that says nothing yet, or one is silent, stands still or takes far longer.
 */
export function remainingMs({ phase, phases, workers, atMs }: Moment): number | undefined {
  if (phase !== 'map' && phase !== 'reduce') return undefined;
  const { waiting, meanMs, runningAttempts } = phases[phase];
  const seen = new Map(workers.map(({ row }) => [row.id, row.lastSeenMs ?? 0]));
  const isSilent = ({ worker, startMs, endMs }: AttemptRow): boolean =>
    endMs === undefined && atMs - Math.max(startMs, seen.get(worker) ?? 0) >= SILENCE_MS;
  const left = runningAttempts.map((row) => (isSilent(row) ? undefined : leftMs(row, meanMs, atMs)));
  if (left.length === 0 || left.includes(undefined)) return undefined;
  const known = left as number[];
  const sum = known.reduce((total, ms) => total + ms, 0);
  const tookMs = runningAttempts.reduce((total, { startMs }) => total + atMs - startMs, 0);
  const taskMs = meanMs > 0 ? meanMs : (sum + tookMs) / known.length;
  return Math.max(...known, (waiting * taskMs + sum) / known.length);
}

/** How long an attempt may still take. */
function leftMs(row: AttemptRow, meanMs: number, atMs: number): number | undefined {
  const { startMs, endMs, wholeBytes = 0, progressMs = startMs } = row;
  const bytes = row.bytes * shareAt(row, atMs);
  const knownMs = endMs === undefined ? progressMs : atMs;
  const stillMs = atMs - knownMs;
  if (knownMs - startMs >= LEAST_MS && bytes > 0 && bytes < wholeBytes) {
    if (stillMs >= STANDSTILL_MS) return undefined;
    return Math.max(0, ((knownMs - startMs) * (wholeBytes - bytes)) / bytes - stillMs);
  }
  const tookMs = atMs - startMs;
  return meanMs === 0 || tookMs > FAR_LONGER * meanMs ? undefined : Math.max(meanMs / 10, meanMs - tookMs);
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
  const { silenceMs, taskTimeoutMs } = record.allowed;
  const silentMs = silenceOf(record, row, atMs);
  if (silentMs >= SILENCE_MS) return `silent for ${seconds(silentMs)}${givenUpText(silenceMs, silentMs)}`;
  const { startMs, progressMs = startMs, bytes, wholeBytes } = row;
  const stillMs = row.endMs === undefined ? atMs - progressMs : 0;
  if (stillMs >= STANDSTILL_MS) return `without progress for ${seconds(stillMs)}${givenUpText(taskTimeoutMs, stillMs)}`;
  const share =
    bytes > 0 && wholeBytes !== undefined ? `, ${percent(bytes * shareAt(row, atMs), wholeBytes)} read` : '';
  return `running for ${seconds(atMs - startMs)}${share}`;
}

function givenUpText(allowedMs: number | undefined, ms: number): string {
  return allowedMs === undefined || allowedMs === 0 ? '' : `, given up in ${seconds(Math.max(0, allowedMs - ms))}`;
}

/** `, a second attempt runs on worker 1`; empty where there is none. */
function backupText(record: RunRecord, slowest: AttemptRow, running: readonly AttemptRow[]): string {
  const other = running.find(({ id, task }) => task === slowest.task && id !== slowest.id);
  return other === undefined ? '' : `, a second attempt runs on ${nameOf(record, other)}`;
}

function percent(part: number, whole: number): string {
  return `${Math.min(100, Math.floor((100 * part) / Math.max(1, whole)))} %`;
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
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms);
}
