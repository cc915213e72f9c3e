// What a round draws from its seed: always the same from the same seed, in the same order.

import { randomFrom } from '../fixtures/random.ts';

export class Draws {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  isIn(chance: number): boolean {
    return this.#random() < chance;
  }

  /** One of several; undefined where there is none. */
  oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }
}
