// A sorted stream of pairs, and the values of a key handed out without ever holding them all.

import { compareKeys } from './order.ts';

/** A cursor over pairs in the order of their keys. `next()` moves to a pair; the key is `key[keyStart, keyEnd)`. */
export interface SortedPairs {
  readonly key: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: unknown;
  /** Whether this key is that of the pair before; undefined where that is not known, and the keys are to be compared. */
  readonly repeats: boolean | undefined;
  /** The key as a text. */
  keyText(): string;
  next(): boolean;
}

/** Most keys are not longer. */
const KEY_BYTES = 256;
/** Shorter keys are copied byte by byte: a native copy costs more than they do. */
const SHORT_BYTES = 32;

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
  const grouped = new GroupedPairs<V>(pairs, memory);
  while (grouped.begin()) {
    const { key, keyBytes, keyLength } = grouped;
    const values = new GroupValues<V>(key, grouped);
    yield { key, keyBytes, keyLength, values };
    values.end();
    while (grouped.isInGroup()) grouped.advance();
  }
}

/** A stream of pairs, the key of the group that it is in, and what is left of the group's values. */
class GroupedPairs<V> implements Iterator<V, undefined> {
  readonly #pairs: SortedPairs;
  key = '';
  keyBytes: Buffer;
  keyLength = 0;
  readonly #memory: Buffer;
  #more: boolean;
  /** Whether the stream is at the group's first pair. */
  #isFirst = false;

  constructor(pairs: SortedPairs, memory: Buffer) {
    this.#pairs = pairs;
    this.#memory = memory;
    this.keyBytes = memory;
    this.#more = pairs.next();
  }

  /** Begins the group of the pair that the stream is at. Answers false at the end. */
  begin(): boolean {
    if (!this.#more) return false;
    const { key, keyStart, keyEnd } = this.#pairs;
    const length = keyEnd - keyStart;
    const target = length > this.#memory.length ? Buffer.allocUnsafe(length) : this.#memory;
    if (length > SHORT_BYTES) key.copy(target, 0, keyStart, keyEnd);
    else for (let i = 0; i < length; i++) target[i] = key[keyStart + i]!;
    this.key = this.#pairs.keyText();
    this.keyBytes = target;
    this.keyLength = length;
    this.#isFirst = true;
    return true;
  }

  /** Whether the pair that the stream is at has the group's key. */
  isInGroup(): boolean {
    if (!this.#more) return false;
    if (this.#isFirst) return true;
    const { key, keyStart, keyEnd, repeats } = this.#pairs;
    return repeats ?? compareKeys(key, keyStart, keyEnd, this.keyBytes, 0, this.keyLength) === 0;
  }

  advance(): void {
    this.#more = this.#pairs.next();
    this.#isFirst = false;
  }

  next(): IteratorResult<V, undefined> {
    if (!this.isInGroup()) return { done: true, value: undefined };
    const value = this.#pairs.value as V;
    this.advance();
    return { done: false, value };
  }
}

/** The values of one key: an iterable that can be gone through once, while its key's turn lasts. */
export class GroupValues<V> implements Iterable<V>, Iterator<V, undefined> {
  readonly #key: string;
  readonly #left: Iterator<V, undefined>;
  #state: 'fresh' | 'open' | 'ended' = 'fresh';

  constructor(key: string, left: Iterator<V, undefined>) {
    this.#key = key;
    this.#left = left;
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
    return this.#state === 'open' ? this.#left.next() : { done: true, value: undefined };
  }

  end(): void {
    this.#state = 'ended';
  }
}
