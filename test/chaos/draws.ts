// Draws everything random in a round from its seed: the same seed gives the same draws in the same order.

import { randomFrom } from '../fixtures/random.ts';

export class Draws {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** Returns a whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  isIn(chance: number): boolean {
    return this.#random() < chance;
  }

  /** Returns one of several items; undefined if the list is empty. */
  oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }
}
