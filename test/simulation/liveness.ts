// Checks that a run ends once nothing goes wrong any more: something must happen within the time of the slowest possible attempt, and
// the number of events must be limited.

import type { Event } from '../../src/scheduler/events.ts';
import type { RunState } from '../../src/scheduler/state.ts';
import type { Plan } from './plan.ts';

/** The longest time of an attempt, as a multiple of the usual: the slowest worker, a slow attempt, and a margin. */
const SLOWEST = 80;
const PATIENCE_MS = 90_000;
/** Each attempt ends with a few events, and each task has a limited number of attempts. */
const EVENTS_EACH = 60;

export class Liveness {
  readonly #quietMs: number;
  readonly #mostEvents: number;
  #sinceMs = Infinity;
  #lastMs = 0;
  #eventCount = 0;

  constructor({ taskMs, options }: Plan) {
    this.#quietMs = PATIENCE_MS + 60_000 + taskMs * SLOWEST;
    this.#mostEvents = 1000 + EVENTS_EACH * (options.mapCount + options.reduceCount + options.workerCount);
  }

  /** Marks that nothing goes wrong from now on. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
  }

  saw(nowMs: number, event: Event | undefined): void {
    if (event?.type === 'ticked' || event?.type === 'attempt-progressed') return;
    this.#lastMs = nowMs;
    if (nowMs > this.#sinceMs) this.#eventCount++;
  }

  /** Marks that the driver is stopped, so nothing can happen. */
  rest(nowMs: number): void {
    this.#lastMs = nowMs;
  }

  /** @throws Error if the run does not end. */
  check(nowMs: number, { phase, open, committed }: RunState): void {
    const where = `in phase ${phase}, ${open.size} attempts open, ${committed.map}+${committed.reduce} tasks committed`;
    if (nowMs > this.#sinceMs && nowMs - this.#lastMs > this.#quietMs) {
      throw new Error(`nothing has happened for ${Math.round(this.#quietMs / 1000)} s ${where}`);
    }
    if (this.#eventCount > this.#mostEvents) throw new Error(`the run does not end ${where}`);
  }
}
