// Backup attempts (Dean and Ghemawat, MapReduce, 2004, section 3.6): near the end of a phase the slowest task gets a second
// attempt. The rate of progress shows which one is slowest, as in LATE (Zaharia et al., 2008).

import type { TaskKind } from '../task-ids.ts';
import type { OpenAttempt, Task } from './state.ts';

/** No attempt counts as slow before this time. */
const LEAST_MS = 2000;
/**
 * Nor before it has taken this many times as long as an attempt of its size is expected to take; twice that if it does not report
 * how far it is.
 */
const SLOW = 1.5;

/** The durations of the committed attempts of a phase. */
export class Durations {
  #count = 0;
  #totalMs = 0;
  #totalBytes = 0;

  add(durationMs: number, bytes: number): void {
    this.#count++;
    this.#totalMs += durationMs;
    this.#totalBytes += bytes;
  }

  /** The expected duration of an attempt that reads this many bytes; undefined until one has ended. */
  expectedMs(bytes: number | undefined): number | undefined {
    if (this.#count === 0) return undefined;
    const meanMs = this.#totalMs / this.#count;
    if (bytes === undefined || this.#totalBytes === 0) return meanMs;
    return Math.max(meanMs, (this.#totalMs / this.#totalBytes) * bytes);
  }
}

/** The task of a phase that a backup attempt would help most; undefined if none would be done sooner with one. */
export function slowestTask(
  kind: TaskKind,
  open: Iterable<OpenAttempt>,
  durations: Durations,
  nowMs: number,
): Task | undefined {
  let slowest: Task | undefined;
  let longestMs = 0;
  for (const attempt of open) {
    const { task, report } = attempt;
    if (task.kind !== kind || task.open.length > 1 || report !== undefined || task.lacksChunk) continue;
    const expectedMs = durations.expectedMs(task.bytes);
    if (expectedMs === undefined) continue;
    const leftMs = timeLeftMs(attempt, nowMs);
    const slow = leftMs === Infinity ? 2 * SLOW : SLOW;
    if (nowMs - attempt.startMs < Math.max(LEAST_MS, slow * expectedMs)) continue;
    if (leftMs <= expectedMs || leftMs <= longestMs) continue;
    slowest = task;
    longestMs = leftMs;
  }
  return slowest;
}

/**
 * The time that an attempt still needs at its rate so far; Infinity if it has done nothing, or its share is unknown. A reduce
 * attempt reads one block of each map output before it begins: for a small task, that is everything.
 */
function timeLeftMs({ task, bytes, startMs }: OpenAttempt, nowMs: number): number {
  if (task.kind === 'reduce' || task.bytes === undefined || bytes === 0) return Infinity;
  return Math.max(0, (task.bytes - bytes) * ((nowMs - startMs) / bytes));
}
