// The driver's clock: it never goes back, and it knows for how long the driver did not run.

/** The longest interval between two readings of the clock. */
export const TICK_MS = 250;
/** A driver that reads the clock after a longer time than this was stopped or blocked meanwhile. */
const ABSENT_MS = 4 * TICK_MS;

interface Reading {
  /** Milliseconds since 1970, never less than in the previous reading. */
  readonly at: number;
  /** For how much of the time since the previous reading the driver did not run; 0 if it ran. */
  readonly absentMs: number;
}

export class LivedClock {
  readonly #now: () => number;
  #aheadMs: number | undefined;
  #lastMs: number;

  /** `now` may be a clock that people set. Readings continue from `sinceMs`, also if the clock has been set back since then. */
  constructor(now: () => number, sinceMs: number) {
    this.#now = now;
    this.#lastMs = sinceMs;
  }

  /** Must be called at least once per tick. */
  read(): Reading {
    const isFirst = this.#aheadMs === undefined;
    this.#aheadMs ??= Math.max(0, this.#lastMs - this.#now());
    const at = Math.max(this.#lastMs, this.#now() + this.#aheadMs);
    const gapMs = isFirst ? 0 : at - this.#lastMs;
    this.#lastMs = at;
    return { at, absentMs: gapMs > ABSENT_MS ? gapMs - TICK_MS : 0 };
  }
}
