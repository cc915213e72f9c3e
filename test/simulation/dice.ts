// Everything that is drawn at random in a simulation, from one seed.

import { randomFrom } from '../fixtures/random.ts';

export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomFrom(seed);
    // Neighbouring seeds begin alike; they do not go on alike.
    for (let draw = 0; draw < 5; draw++) this.#next();
  }

  /** From 0 (inclusive) to 1. */
  fraction(): number {
    return this.#next();
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number, both ends included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  /** A whole number, small ones as likely as large ones ten times their size. */
  scaled(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.#next());
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('expected something to pick from');
    return list[Math.floor(this.#next() * list.length)]!;
  }
}
