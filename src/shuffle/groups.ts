// A sorted stream of pairs, and the values of a key handed out without ever holding them all.

import { compareKeys } from './order.ts';

/** A cursor over pairs in the order of their keys. `next()` moves to a pair; the key is `key[keyStart, keyEnd)`. */
export interface SortedPairs {
  readonly key: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: unknown;
  /** Whether this key is known to be that of the pair before; where it is not known, the keys are to be compared. */
  readonly repeats: boolean;
  next(): boolean;
}

/** Most keys are not longer. */
const KEY_BYTES = 256;

/** One key with its values. */
export interface Group<V> {
  readonly key: string;
  /** The key's bytes are the first `keyLength` of these, until the next group. */
  readonly keyBytes: Buffer;
  readonly keyLength: number;
  /** Can be read once, and only until the next group is asked for. */
  readonly values: Iterable<V>;
}

/**
 * Groups a sorted stream by key. What a consumer leaves of a group's values is passed over. Keys that it has room for
 * stand in `memory`, one after the other.
 */
export function* groupByKey<V>(
  pairs: SortedPairs,
  memory: Buffer = Buffer.allocUnsafe(KEY_BYTES),
): Generator<Group<V>> {
  let more = pairs.next();
  while (more) {
    const keyLength = pairs.keyEnd - pairs.keyStart;
    const keyBytes = keyLength > memory.length ? Buffer.allocUnsafe(keyLength) : memory;
    pairs.key.copy(keyBytes, 0, pairs.keyStart, pairs.keyEnd);
    const key = keyBytes.toString('utf8', 0, keyLength);
    const inGroup = (): boolean =>
      more && (pairs.repeats || compareKeys(pairs.key, pairs.keyStart, pairs.keyEnd, keyBytes, 0, keyLength) === 0);
    const values = new GroupValues<V>(key, () => {
      if (!inGroup()) return undefined;
      const value = pairs.value as V;
      more = pairs.next();
      return { value };
    });
    yield { key, keyBytes, keyLength, values };
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
