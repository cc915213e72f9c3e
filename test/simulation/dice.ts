// Draws everything random in a simulation from one seed.

import { randomFrom } from '../fixtures/random.ts';

export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomFrom(seed);
    // Neighbouring seeds begin with similar numbers, so the first ones are skipped.
    for (let draw = 0; draw < 5; draw++) this.#next();
  }

  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  fraction(): number {
    return this.#next();
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** Returns a whole number. Both ends are included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  /** Returns a whole number. Each order of magnitude is equally likely. */
  scaled(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.#next());
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('expected something to pick from');
    return list[Math.floor(this.#next() * list.length)]!;
  }
}
