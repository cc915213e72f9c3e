// Estimates which keys a map task emits most. It looks at each buffer before it is written, not at each pair as it comes.
//
// If the job adds numbers up, the sum of every key is in the buffer. Otherwise pairs are sampled all through the buffer, and each
// sample stands for the pairs up to the next one. A key that is sampled once is left out.

import type { Kernel } from '../../kernel/kernel.ts';
import type { WeightedKey } from '../file/sorted-file-format.ts';

/** How many keys are reported. */
const MOST_REPORTED = 12;
/** On average at most one pair in this many is sampled, and at most MOST_SAMPLES of a buffer: less than 1 % of the work. */
const LEAST_STRIDE = 64;
const MOST_SAMPLES = 1024;
/** Longer keys are shortened to this. */
const MOST_KEY_BYTES = 120;

export class HotKeySketch {
  readonly #weights = new Map<string, number>();

  /** The hottest keys, each with the sum of its values if the job adds, otherwise with about how many pairs it has. */
  get top(): WeightedKey[] {
    return [...this.#weights].sort(([, a], [, b]) => b - a).slice(0, MOST_REPORTED);
  }

  /** Takes in a buffer of `count` keys, each once, with their sums. */
  noteSums(kernel: Kernel, sums: Float64Array, count: number): void {
    const best: number[] = [];
    let least = 0;
    for (let pair = 0; pair < count; pair++) {
      if (sums[pair]! <= least) continue;
      best.push(pair);
      if (best.length < 2 * MOST_REPORTED) continue;
      best.sort((a, b) => sums[b]! - sums[a]!).length = MOST_REPORTED;
      least = sums[best[MOST_REPORTED - 1]!]!;
    }
    for (const pair of best) this.#add(keyOf(kernel, pair), sums[pair]!);
  }

  /** Takes in a buffer of `count` pairs, of which any may have the same key. */
  noteSample(kernel: Kernel, count: number): void {
    const stride = Math.max(LEAST_STRIDE, Math.ceil(count / MOST_SAMPLES));
    const seen = new Map<string, number>();
    // Steps are random, since inputs have patterns, but from a fixed seed, so that each run takes the same samples.
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
