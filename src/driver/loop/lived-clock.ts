// The driver's clock: it never goes back, and knows for how long the driver did not run.

/** How often the driver is told that time has passed, at least. */
export const TICK_MS = 250;
/** A driver that hears nothing for longer than this, although it is told of each tick, was stopped or blocked meanwhile. */
const ABSENT_MS = 4 * TICK_MS;

interface Reading {
  /** Milliseconds since 1970, not before the reading before. */
  readonly at: number;
  /** For how long, of the time since that reading, the driver did not run; 0 if it did. */
  readonly absentMs: number;
}

export class LivedClock {
  readonly #now: () => number;
  #aheadMs: number | undefined;
  #lastMs: number;

  /** `now` may be a clock that people set. Readings go on from `sinceMs`, also if the clock has been set back since then. */
  constructor(now: () => number, sinceMs: number) {
    this.#now = now;
    this.#lastMs = sinceMs;
  }

  /** To call at least once per tick. */
  read(): Reading {
    const isFirst = this.#aheadMs === undefined;
    this.#aheadMs ??= Math.max(0, this.#lastMs - this.#now());
    const at = Math.max(this.#lastMs, this.#now() + this.#aheadMs);
    const gapMs = isFirst ? 0 : at - this.#lastMs;
    this.#lastMs = at;
    return { at, absentMs: gapMs > ABSENT_MS ? gapMs - TICK_MS : 0 };
  }
}
