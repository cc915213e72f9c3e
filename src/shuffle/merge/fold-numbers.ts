// Combines the numbers of equal keys as a sorted stream passes, without making an iterable for each key.

import type { FoldingCombiner } from '../combiner.ts';
import { copyKey } from '../copy-key.ts';
import type { SortedPairs } from './groups.ts';
import { compareKeys } from '../order.ts';

/** The same stream with each key once. Values that are not numbers go through the combiner itself, two at a time. */
export class FoldedPairs implements SortedPairs {
  key = Buffer.allocUnsafe(256);
  readonly keyStart = 0;
  keyEnd = 0;
  value: unknown;
  /** Each key comes once. */
  readonly repeats = false;
  readonly #pairs: SortedPairs;
  readonly #combiner: FoldingCombiner;
  #more: boolean | undefined;

  constructor(pairs: SortedPairs, combiner: FoldingCombiner) {
    this.#pairs = pairs;
    this.#combiner = combiner;
  }

  next(): boolean {
    const pairs = this.#pairs;
    this.#more ??= pairs.next();
    if (!this.#more) return false;
    this.#takeKey();
    let value = pairs.value;
    while ((this.#more = pairs.next()) && this.#isSameKey()) value = this.#fold(value, pairs.value);
    // The combiner gets a value that is alone, too: it may refuse it.
    this.value = typeof value === 'number' ? value : this.#combiner.combine(this.keyText(), [value]);
    return true;
  }

  keyText(): string {
    return this.key.toString('utf8', 0, this.keyEnd);
  }

  #takeKey(): void {
    const { key, keyStart, keyEnd } = this.#pairs;
    const length = keyEnd - keyStart;
    if (length > this.key.length) this.key = Buffer.allocUnsafe(length * 2);
    copyKey(key, keyStart, keyEnd, this.key, 0);
    this.keyEnd = length;
  }

  #isSameKey(): boolean {
    const { key, keyStart, keyEnd, repeats } = this.#pairs;
    if (repeats !== undefined) return repeats;
    return keyEnd - keyStart === this.keyEnd && compareKeys(key, keyStart, keyEnd, this.key, 0, this.keyEnd) === 0;
  }

  #fold(a: unknown, b: unknown): unknown {
    if (typeof a === 'number' && typeof b === 'number') return this.#combiner.fold(a, b);
    return this.#combiner.combine(this.keyText(), [a, b]);
  }
}
