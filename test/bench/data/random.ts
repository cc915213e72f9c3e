// Generates random numbers from a seed, fast enough for gigabytes.

const TO_FRACTION = 2 ** -32;

/** The generator sfc32 of PractRand (Chris Doty-Humphrey): 128 bits of state, additions and shifts only. */
export class Random {
  readonly #state = new Int32Array(4);

  constructor(seed: number) {
    this.#state.set([seed, seed / 2 ** 32, 0x9e3779b9, 1]);
    for (let i = 0; i < 16; i++) this.next();
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    const state = this.#state;
    const a = state[0]!;
    const b = state[1]!;
    const c = state[2]!;
    const counter = state[3]!;
    const result = (a + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + result) | 0;
    state[3] = (counter + 1) | 0;
    return result >>> 0;
  }

  /** A number from 0 to 1, without 1. */
  fraction(): number {
    return this.next() * TO_FRACTION;
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.next() * TO_FRACTION * count);
  }

  /** One of the given items. */
  among<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
