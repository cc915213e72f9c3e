// How a running attempt is doing: whether its worker still reports, and whether it makes progress.

import { type Moment, shareAt } from './moment.ts';
import { durationText } from './numbers.ts';
import type { AttemptRow } from './record.ts';

/** A worker that runs a task reports once a second, so a shorter silence means nothing. */
const SILENCE_MS = 2000;
/** An attempt that has read nothing for this long stands still. */
const STANDSTILL_MS = 5000;

/** How long nothing has been heard from an attempt's worker. Known only for the newest moment of a run: 0 for earlier ones. */
export function silenceMs({ record, workers, atMs }: Moment, { worker, startMs }: AttemptRow): number {
  if (record.endedMs !== undefined && atMs < record.endedMs) return 0;
  const seenMs = workers.find(({ row }) => row.id === worker)?.row.lastSeenMs ?? startMs;
  return atMs - Math.max(seenMs, startMs);
}

export function isSilent(moment: Moment, attempt: AttemptRow): boolean {
  return silenceMs(moment, attempt) >= SILENCE_MS;
}

/** Whether an attempt that makes no progress for this long stands still. */
export function isStandstill(stillMs: number): boolean {
  return stillMs >= STANDSTILL_MS;
}

/** Whether an attempt needs attention: its worker is silent, or it stands still. */
export function isInTrouble(moment: Moment, attempt: AttemptRow): boolean {
  return isSilent(moment, attempt) || isStandstill(stillMs(moment, attempt));
}

/** `silent for 4.0 s, given up in 6.0 s`, `without progress for 7.0 s` or `running for 3.0 s, 25 % read` */
export function healthText(moment: Moment, attempt: AttemptRow): string {
  const { record, atMs } = moment;
  const allowed = record.allowed;
  const silent = silenceMs(moment, attempt);
  if (silent >= SILENCE_MS) return `silent for ${durationText(silent)}${givenUpText(allowed.silenceMs, silent)}`;
  const still = stillMs(moment, attempt);
  if (isStandstill(still))
    return `without progress for ${durationText(still)}${givenUpText(allowed.taskTimeoutMs, still)}`;
  const { startMs, bytes, wholeBytes } = attempt;
  const read = wholeBytes === undefined ? '' : readText(bytes * shareAt(attempt, atMs), wholeBytes);
  return `running for ${durationText(atMs - startMs)}${read}`;
}

/** How long an attempt has made no progress. */
function stillMs({ atMs }: Moment, { startMs, endMs, progressMs = startMs }: AttemptRow): number {
  return endMs === undefined ? atMs - progressMs : 0;
}

function givenUpText(allowedMs: number | undefined, ms: number): string {
  return allowedMs === undefined || allowedMs === 0 ? '' : `, given up in ${durationText(Math.max(0, allowedMs - ms))}`;
}

function readText(bytes: number, wholeBytes: number): string {
  return bytes === 0 ? '' : `, ${Math.min(100, Math.floor((100 * bytes) / Math.max(1, wholeBytes)))} % read`;
}
