// How long an attempt is in each of its phases. The clock is read where a phase begins: a few times a block, never a record.

import type { AttemptReport, PhaseName } from '../protocol.ts';

export class PhaseClock {
  readonly #spentMs = new Map<PhaseName, number>();
  #phase: PhaseName;
  #sinceMs = performance.now();

  constructor(first: PhaseName) {
    this.#phase = first;
  }

  /** The phase before ends here. */
  enter(phase: PhaseName): void {
    const nowMs = performance.now();
    this.#spentMs.set(this.#phase, (this.#spentMs.get(this.#phase) ?? 0) + nowMs - this.#sinceMs);
    this.#phase = phase;
    this.#sinceMs = nowMs;
  }

  /** All phases so far, in the order in which they were entered first, to the hundredth of a millisecond. */
  get phases(): NonNullable<AttemptReport['phases']> {
    this.enter(this.#phase);
    return Array.from(this.#spentMs, ([phase, ms]) => [phase, Math.round(ms * 100) / 100]);
  }
}
