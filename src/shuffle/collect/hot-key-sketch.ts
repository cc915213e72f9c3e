// Which keys a map task emits most: a sketch, taken of each buffer before it is written, not of each pair as it comes.
//
// Where numbers have been added up, every key's sum is there to be looked at. Elsewhere pairs are sampled, all through the
// buffer, and each stands for those between; a key that is seen once is left out.

import type { Kernel } from '../../kernel/kernel.ts';
import type { WeightedKey } from '../file/sorted-file-format.ts';

/** So many are told. */
const MOST_TOLD = 12;
/** At most one pair in so many is looked at, and at most so many of a buffer: less than a hundredth of the work. */
const LEAST_STRIDE = 64;
const MOST_SAMPLES = 1024;
/** Longer keys are cut. */
const MOST_KEY_BYTES = 120;

export class HotKeySketch {
  readonly #weights = new Map<string, number>();

  /** The hottest, with the sum of their values where the job adds, otherwise with about how many pairs they have. */
  get top(): WeightedKey[] {
    return [...this.#weights].sort(([, a], [, b]) => b - a).slice(0, MOST_TOLD);
  }

  /** Every key of a buffer has its sum in `sums`. */
  noteSums(kernel: Kernel, sums: Float64Array, count: number): void {
    const best: number[] = [];
    let least = 0;
    for (let pair = 0; pair < count; pair++) {
      if (sums[pair]! <= least) continue;
      best.push(pair);
      if (best.length < 2 * MOST_TOLD) continue;
      best.sort((a, b) => sums[b]! - sums[a]!).length = MOST_TOLD;
      least = sums[best[MOST_TOLD - 1]!]!;
    }
    for (const pair of best) this.#add(keyOf(kernel, pair), sums[pair]!);
  }

  /** A buffer has `count` pairs, of which any may have the same key. */
  noteSample(kernel: Kernel, count: number): void {
    const stride = Math.max(LEAST_STRIDE, Math.ceil(count / MOST_SAMPLES));
    const seen = new Map<string, number>();
    // Steps of random length, which are the same each time: inputs have patterns.
    let random = 1;
    for (let pair = 0; pair < count; pair += 1 + (random % (2 * stride - 1))) {
      random = (Math.imul(random, 48_271) >>> 0) % 0x7fff_ffff;
      const key = keyOf(kernel, pair);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    for (const [key, times] of seen) if (times > 1) this.#add(key, times * stride);
  }

  #add(key: string, weight: number): void {
    this.#weights.set(key, (this.#weights.get(key) ?? 0) + weight);
  }
}

function keyOf({ exports, bytes }: Kernel, pair: number): string {
  const start = exports.startOf(pair);
  return bytes.toString('utf8', start, Math.min(exports.endOf(pair), start + MOST_KEY_BYTES));
}
