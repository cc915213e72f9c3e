// Draws numbers by weight in constant time, however many there are.

import type { Random } from './random.ts';

/** Walker's alias method, built by Vose's algorithm: each column holds its own number and at most one other. */
export class WeightedChoice {
  readonly #share: Float64Array;
  readonly #other: Int32Array;

  constructor(weights: ArrayLike<number>) {
    const count = weights.length;
    const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
    this.#share = Float64Array.from(weights, (weight) => (weight * count) / total);
    this.#other = Int32Array.from(weights, (_, index) => index);
    const small: number[] = [];
    const large: number[] = [];
    for (let index = 0; index < count; index++) (this.#share[index]! < 1 ? small : large).push(index);
    while (small.length > 0 && large.length > 0) {
      const low = small.pop()!;
      const high = large.pop()!;
      this.#other[low] = high;
      this.#share[high] = this.#share[high]! - (1 - this.#share[low]!);
      (this.#share[high] < 1 ? small : large).push(high);
    }
    // Columns that are left over because of rounding hold only their own numbers.
    for (const index of [...small, ...large]) this.#share[index] = 1;
  }

  /** A number from 0 to one less than the count of the weights. */
  draw(random: Random): number {
    const column = random.below(this.#share.length);
    return random.fraction() < this.#share[column]! ? column : this.#other[column]!;
  }
}

/** The weights of the ranks from 0 on by Zipf's law, with Mandelbrot's shift: the first ranks differ less than 1, 1/2, 1/3. */
export function zipfWeights(count: number, shift = 2.7): Float64Array {
  return Float64Array.from({ length: count }, (_, rank) => 1 / (rank + 1 + shift));
}
