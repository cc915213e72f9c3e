// Measures how long an attempt spends in each phase. It reads the clock when a phase begins: a few times per block, never per record.

import type { AttemptReport, PhaseName } from '../protocol.ts';

export class PhaseClock {
  readonly #spentMs = new Map<PhaseName, number>();
  #phase: PhaseName;
  #sinceMs = performance.now();

  constructor(first: PhaseName) {
    this.#phase = first;
  }

  /** Ends the previous phase. */
  enter(phase: PhaseName): void {
    const nowMs = performance.now();
    this.#spentMs.set(this.#phase, (this.#spentMs.get(this.#phase) ?? 0) + nowMs - this.#sinceMs);
    this.#phase = phase;
    this.#sinceMs = nowMs;
  }

  /** Returns all phases so far, in the order of their first start, rounded to a hundredth of a millisecond. */
  get phases(): NonNullable<AttemptReport['phases']> {
    this.enter(this.#phase);
    return Array.from(this.#spentMs, ([phase, ms]) => [phase, Math.round(ms * 100) / 100]);
  }
}
