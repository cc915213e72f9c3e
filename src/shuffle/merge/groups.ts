// A sorted stream of pairs, and the values of a key handed out without ever holding them all.

import { copyKey } from '../copy-key.ts';
import { GroupValues } from './group-values.ts';
import { compareKeys } from '../order.ts';

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

/**
 * A sorted stream, grouped by key: `next()` moves to a group, the fields say what it is. What a consumer leaves of a group's
 * values is passed over.
 */
export class Groups<V> {
  key = '';
  /** The key's bytes are the first `keyLength` of these, until the next group. */
  keyBytes: Buffer;
  keyLength = 0;
  /** Can be read once, and only until the next group. */
  values: GroupValues<V>;
  readonly #pairs: SortedPairs;
  readonly #memory: Buffer;
  #more: boolean | undefined;
  /** Whether the stream is at the group's first pair. */
  #isFirst = false;
  /** What is left of the group's values. */
  readonly #left: Iterator<V, undefined> = { next: () => this.#takeValue() };

  /** Keys that it has room for stand in `memory`, one after the other. */
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
