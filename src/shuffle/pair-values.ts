// The values of a buffer's pairs, by pair number: numbers in the kernel's memory as long as all are, nothing at all while
// all are null, and any values beside it once one is neither.

import { ValueKind } from './run-format.ts';
import { valueBytes } from './value-size.ts';

export class PairValues {
  /** What all values are; undefined while there are none. */
  kind: ValueKind | undefined;
  /** The values while all are numbers. */
  readonly numbers: Float64Array;
  #others: unknown[] = [];
  /** About how much memory the values take beside their pairs. */
  bytes = 0;

  constructor(numbers: Float64Array) {
    this.numbers = numbers;
  }

  at(pair: number): unknown {
    if (this.kind === ValueKind.float64) return this.numbers[pair];
    return this.kind === ValueKind.none ? null : this.#others[pair];
  }

  /** Adds the value of pair number `pair`, the next one. */
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

  #toOthers(count: number): void {
    if (this.kind === ValueKind.packed) return;
    this.#others = Array.from({ length: count }, (_, pair) => this.at(pair));
    this.kind = ValueKind.packed;
  }
}

function kindOf(value: unknown): ValueKind {
  if (typeof value === 'number') return ValueKind.float64;
  return value === null ? ValueKind.none : ValueKind.packed;
}
