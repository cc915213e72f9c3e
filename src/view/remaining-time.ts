// How fast a run reads, and how long its phase may still take.

import { isSilent, isStandstill } from './attempt-health.ts';
import { type Moment, shareAt } from './moment.ts';
import type { AttemptRow } from './record.ts';

/** An attempt that takes this many times as long as the others has an end that cannot be foretold. */
const FAR_LONGER = 3;
/** An attempt that has read for less time than this says nothing about its speed. */
const LEAST_MS = 1000;
/** Rates are means over this much time. */
const RATE_MS = 5000;

/** The bytes and records read per second, over the last five seconds. */
export function ratesOf({ record, atMs }: Moment): { readonly bytes: number; readonly records: number } {
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
 * How many milliseconds the phase may still take, from what its attempts have read and how long its tasks have taken.
 * Undefined if nothing can be said yet, or if an attempt is silent, stands still or takes far longer than the others.
 */
export function remainingMs(moment: Moment): number | undefined {
  const { phase, phases, atMs } = moment;
  if (phase !== 'map' && phase !== 'reduce') return undefined;
  const { waiting, meanMs, runningAttempts } = phases[phase];
  const left = runningAttempts.map((row) =>
    row.endMs === undefined && isSilent(moment, row) ? undefined : leftMs(row, meanMs, atMs),
  );
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
    if (isStandstill(stillMs)) return undefined;
    return Math.max(0, ((knownMs - startMs) * (wholeBytes - bytes)) / bytes - stillMs);
  }
  const tookMs = atMs - startMs;
  return meanMs === 0 || tookMs > FAR_LONGER * meanMs ? undefined : Math.max(meanMs / 10, meanMs - tookMs);
}
