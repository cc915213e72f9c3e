// The values of a buffer's pairs, by pair number: in the kernel's memory as long as all are numbers, or all are texts; nowhere
// while all are null; and beside it, as they are, once they are of several kinds or another one.

import type { Key } from '../../bytes.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { canFold, type Combiner, Gathered } from '../combiner.ts';
import { ValueKind } from '../file/sorted-file-format.ts';
import { valueBytes } from '../value-size.ts';

export class PairValues {
  /** What all values are; undefined while there are none. */
  kind: ValueKind | undefined;
  /** The values while all are numbers. */
  readonly numbers: Float64Array;
  readonly #kernel: Kernel;
  #others: unknown[] = [];
  /** About how much memory the values take beside their pairs. */
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

  /** Adds the value of pair number `pair`, the next one. A text has its place already while all are texts. */
  append(pair: number, value: unknown): void {
    this.kind ??= kindOf(value);
    if (this.kind === ValueKind.float64 && typeof value === 'number') this.numbers[pair] = value;
    else if (this.kind !== ValueKind.none || value !== null) {
      this.#toOthers(pair);
      this.#others[pair] = value;
      this.bytes += valueBytes(value);
    }
  }

  /** Combines a value with the one that a pair has. */
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

  /** Combines what has gathered. */
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

  /** Replaces a value; what the new one takes is for the caller to count. */
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
