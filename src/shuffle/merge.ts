// Merges sorted streams of pairs into one, and hands out the values of a key without ever holding them all.

import { compareKeys } from './order.ts';

/** A cursor over pairs in the order of their keys. `next()` moves to a pair; the key is `key[keyStart, keyEnd)`. */
export interface SortedPairs {
  readonly key: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: unknown;
  next(): boolean;
}

/**
 * Merges `inputs` into one stream in the order of keys; equal keys come in the order of the inputs, so that values keep
 * the order in which they were emitted.
 *
 * A tournament of losers: each inner node holds the input that lost there, so the next pair costs one comparison a level.
 * Source: D. E. Knuth, The Art of Computer Programming, volume 3, section 5.4.1.
 */
export function mergeSorted(inputs: readonly SortedPairs[]): SortedPairs {
  return inputs.length === 1 ? inputs[0]! : new LoserTree(inputs);
}

class LoserTree implements SortedPairs {
  readonly #inputs: readonly SortedPairs[];
  readonly #open: boolean[];
  /** `#losers[i]` for an inner node i ≥ 1; the winner of all stands at 0. -1: not played yet. */
  readonly #losers: Int32Array;
  #winner: SortedPairs | undefined;

  constructor(inputs: readonly SortedPairs[]) {
    this.#inputs = inputs;
    this.#open = inputs.map(() => true);
    this.#losers = new Int32Array(Math.max(inputs.length, 1)).fill(-1);
  }

  get key(): Buffer {
    return this.#winner!.key;
  }
  get keyStart(): number {
    return this.#winner!.keyStart;
  }
  get keyEnd(): number {
    return this.#winner!.keyEnd;
  }
  get value(): unknown {
    return this.#winner!.value;
  }

  next(): boolean {
    if (this.#winner === undefined) {
      for (let input = this.#inputs.length - 1; input >= 0; input--) this.#advance(input);
    } else {
      this.#advance(this.#losers[0]!);
    }
    const first = this.#losers[0]!;
    if (first < 0 || !this.#open[first]) return false;
    this.#winner = this.#inputs[first];
    return true;
  }

  /** Moves an input on and plays it from its leaf to the root. */
  #advance(input: number): void {
    this.#open[input] = this.#inputs[input]!.next();
    let winner = input;
    for (let node = (input + this.#inputs.length) >> 1; node > 0; node >>= 1) {
      const loser = this.#losers[node]!;
      if (loser < 0) {
        this.#losers[node] = winner;
        return;
      }
      if (this.#before(loser, winner)) {
        this.#losers[node] = winner;
        winner = loser;
      }
    }
    this.#losers[0] = winner;
  }

  #before(a: number, b: number): boolean {
    if (!this.#open[a]) return false;
    if (!this.#open[b]) return true;
    const x = this.#inputs[a]!;
    const y = this.#inputs[b]!;
    const order = compareKeys(x.key, x.keyStart, x.keyEnd, y.key, y.keyStart, y.keyEnd);
    return order < 0 || (order === 0 && a < b);
  }
}

/** One key with its values. */
export interface Group<V> {
  readonly key: string;
  /** The key's bytes: valid until the next group. */
  readonly keyBytes: Buffer;
  /** Can be read once, and only until the next group is asked for. */
  readonly values: Iterable<V>;
}

/** Groups a sorted stream by key. What a consumer leaves of a group's values is passed over. */
export function* groupByKey<V>(pairs: SortedPairs): Generator<Group<V>> {
  let more = pairs.next();
  while (more) {
    const keyBytes = Buffer.from(pairs.key.subarray(pairs.keyStart, pairs.keyEnd));
    const key = keyBytes.toString('utf8');
    const inGroup = (): boolean =>
      more && compareKeys(pairs.key, pairs.keyStart, pairs.keyEnd, keyBytes, 0, keyBytes.length) === 0;
    const values = new GroupValues<V>(key, () => {
      if (!inGroup()) return undefined;
      const value = pairs.value as V;
      more = pairs.next();
      return { value };
    });
    yield { key, keyBytes, values };
    values.end();
    while (inGroup()) more = pairs.next();
  }
}

/** The values of one key: an iterable that can be gone through once, while its key's turn lasts. */
export class GroupValues<V> implements Iterable<V>, Iterator<V, undefined> {
  readonly #key: string;
  readonly #take: () => { value: V } | undefined;
  #state: 'fresh' | 'open' | 'ended' = 'fresh';

  constructor(key: string, take: () => { value: V } | undefined) {
    this.#key = key;
    this.#take = take;
  }

  [Symbol.iterator](): Iterator<V, undefined> {
    if (this.#state !== 'fresh') {
      throw new TypeError(
        `the values of key ${JSON.stringify(this.#key)} can be read once, while reduce has the key; ` +
          'keep what you need of them, for example with [...values]',
      );
    }
    this.#state = 'open';
    return this;
  }

  next(): IteratorResult<V, undefined> {
    const taken = this.#state === 'open' ? this.#take() : undefined;
    return taken === undefined ? { done: true, value: undefined } : { done: false, value: taken.value };
  }

  end(): void {
    this.#state = 'ended';
  }
}
