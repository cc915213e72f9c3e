// Groups a sorted stream of pairs by key, and hands out the values of a key without ever holding all of them.

import { copyKey } from '../copy-key.ts';
import { GroupValues } from './group-values.ts';
import { compareKeys } from '../order.ts';

/** A cursor over pairs in the order of their keys. `next()` moves to a pair; the key is `key[keyStart, keyEnd)`. */
export interface SortedPairs {
  readonly key: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: unknown;
  /** Whether the pair before has the same key; undefined if that is not known, and the keys have to be compared. */
  readonly repeats: boolean | undefined;
  /** The key as a text. */
  keyText(): string;
  next(): boolean;
}

/** Most keys are at most this long. */
const KEY_BYTES = 256;

/**
 * A sorted stream, grouped by key: `next()` moves to a group, which the fields describe. Values of a group that the consumer has
 * not taken are skipped.
 */
export class Groups<V> {
  key = '';
  /** The key's bytes are the first `keyLength` of these. They are valid until the next group. */
  keyBytes: Buffer;
  keyLength = 0;
  /** The values can be read once, and only until the next group. */
  values: GroupValues<V>;
  readonly #pairs: SortedPairs;
  readonly #memory: Buffer;
  #more: boolean | undefined;
  /** Whether the stream is at the group's first pair. */
  #isFirst = false;
  /** The values of the group that have not been taken. */
  readonly #left: Iterator<V, undefined> = { next: () => this.#takeValue() };

  /** Each key in turn is copied to `memory`, if it fits. */
  constructor(pairs: SortedPairs, memory: Buffer = Buffer.allocUnsafe(KEY_BYTES)) {
    this.#pairs = pairs;
    this.#memory = memory;
    this.keyBytes = memory;
    this.values = new GroupValues('', this.#left);
  }

  next(): boolean {
    this.values.end();
    const pairs = this.#pairs;
    if (this.#more === undefined) this.#more = pairs.next();
    else while (this.#isInGroup()) this.#advance();
    if (!this.#more) return false;
    const length = pairs.keyEnd - pairs.keyStart;
    this.keyBytes = length > this.#memory.length ? Buffer.allocUnsafe(length) : this.#memory;
    copyKey(pairs.key, pairs.keyStart, pairs.keyEnd, this.keyBytes, 0);
    this.keyLength = length;
    this.key = pairs.keyText();
    this.#isFirst = true;
    this.values = new GroupValues(this.key, this.#left);
    return true;
  }

  /** Whether the pair that the stream is at has the group's key. */
  #isInGroup(): boolean {
    if (!this.#more || this.#isFirst) return this.#isFirst;
    const { key, keyStart, keyEnd, repeats } = this.#pairs;
    return repeats ?? compareKeys(key, keyStart, keyEnd, this.keyBytes, 0, this.keyLength) === 0;
  }

  #advance(): void {
    this.#more = this.#pairs.next();
    this.#isFirst = false;
  }

  #takeValue(): IteratorResult<V, undefined> {
    if (!this.#isInGroup()) return { done: true, value: undefined };
    const value = this.#pairs.value as V;
    this.#advance();
    return { done: false, value };
  }
}
