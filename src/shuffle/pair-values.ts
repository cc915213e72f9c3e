// The values of a buffer's pairs, by pair number: in the kernel's memory as long as all are numbers, or all are texts; nowhere
// while all are null; and beside it, as they are, once they are of several kinds or another one.

import type { Kernel } from '../kernel/kernel.ts';
import { ValueKind } from './run-format.ts';
import { valueBytes } from './value-size.ts';

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

  /** Replaces a value; what the new one takes is for the caller to count. */
  set(pair: number, value: unknown, count: number): void {
    this.#toOthers(count);
    this.#others[pair] = value;
  }

  clear(): void {
    this.kind = undefined;
    this.#others = [];
    this.bytes = 0;
  }

  #textOf(pair: number): string {
    const { exports, bytes } = this.#kernel;
    const start = exports.endOf(pair);
    return bytes.toString('utf8', start, start + exports.textLength(pair));
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
