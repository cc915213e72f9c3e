// Holds the values of a buffer's pairs, by pair number. While all are numbers, or all are texts, they are in the kernel's memory;
// while all are null, nowhere. Once there are several kinds of values, or other ones, they are in an array, as they are.

import type { Key } from '../../bytes.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { canFold, type Combiner, Gathered } from '../combiner.ts';
import { ValueKind } from '../file/sorted-file-format.ts';
import { valueBytes } from '../value-size.ts';

export class PairValues {
  /** The kind of all values; undefined while there are none. */
  kind: ValueKind | undefined;
  /** The values while all are numbers. */
  readonly numbers: Float64Array;
  readonly #kernel: Kernel;
  #others: unknown[] = [];
  /** An estimate of the memory, in bytes, that values in the array take. */
  bytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const { numbers } = kernel.exports;
    const mostPairs = Math.floor((kernel.bytes.length - numbers.value) / 8);
    this.numbers = new Float64Array(kernel.bytes.buffer, numbers.value, mostPairs);
  }

  at(pair: number): unknown {
    if (this.kind === ValueKind.float64) return this.numbers[pair];
    if (this.kind === ValueKind.text) return this.#textOf(pair);
    return this.kind === ValueKind.none ? null : this.#others[pair];
  }

  /** Adds the value of the next pair, whose number is `pair`. While all values are texts, the kernel has the text already. */
  append(pair: number, value: unknown): void {
    this.kind ??= kindOf(value);
    if (this.kind === ValueKind.float64 && typeof value === 'number') this.numbers[pair] = value;
    else if (this.kind !== ValueKind.none || value !== null) {
      this.#toOthers(pair);
      this.#others[pair] = value;
      this.bytes += valueBytes(value);
    }
  }

  /** Combines a value with the one that a pair has. `count` is the number of pairs. */
  combine(pair: number, key: Key, value: unknown, combiner: Combiner, count: number): void {
    if (this.kind === ValueKind.float64 && typeof value === 'number' && canFold(combiner)) {
      this.numbers[pair] = combiner.fold(this.numbers[pair]!, value);
      return;
    }
    const held = this.at(pair);
    const gathered = held instanceof Gathered ? held : new Gathered(held);
    if (gathered !== held) {
      this.#set(pair, gathered, count);
      this.bytes += gathered.bytes;
    }
    const before = gathered.bytes;
    gathered.add(key.toString(), value, combiner);
    this.bytes += gathered.bytes - before;
  }

  /** Combines the values that have been gathered, so that each pair has one. */
  settle(combiner: Combiner, count: number): void {
    if (this.kind !== ValueKind.packed) return;
    for (let pair = 0; pair < count; pair++) {
      const value = this.at(pair);
      if (value instanceof Gathered) this.#set(pair, value.settle(this.#keyOf(pair), combiner), count);
    }
  }

  clear(): void {
    this.kind = undefined;
    this.#others = [];
    this.bytes = 0;
  }

  #keyOf(pair: number): string {
    const { exports, bytes } = this.#kernel;
    return bytes.toString('utf8', exports.startOf(pair), exports.endOf(pair));
  }

  #textOf(pair: number): string {
    const { exports, bytes } = this.#kernel;
    const start = exports.endOf(pair);
    return bytes.toString('utf8', start, start + exports.textLength(pair));
  }

  /** Replaces a value. The caller counts the memory of the new one. */
  #set(pair: number, value: unknown, count: number): void {
    this.#toOthers(count);
    this.#others[pair] = value;
  }

  #toOthers(count: number): void {
    if (this.kind === ValueKind.packed) return;
    const others = Array.from({ length: count }, (_, pair) => this.at(pair));
    this.kind = ValueKind.packed;
    this.#others = others;
    for (const value of others) if (typeof value === 'string') this.bytes += valueBytes(value);
  }
}

function kindOf(value: unknown): ValueKind {
  if (typeof value === 'number') return ValueKind.float64;
  return value === null ? ValueKind.none : ValueKind.packed;
}
