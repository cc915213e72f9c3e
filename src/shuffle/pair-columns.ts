// Pairs in memory, a column for each part: key bytes, hashes, values. Numbers stand in a typed array while all values are
// numbers. Sorting moves numbers of pairs, never the pairs.

import { KeyArena } from './key-arena.ts';
import type { SortedPairs } from './merge.ts';
import { partitionOfHash } from './partition.ts';
import { sortByKey } from './radix-sort.ts';
import { valueBytes } from './value-size.ts';

const FIRST_PAIRS = 1 << 12;
/** What a pair takes beside its key: its columns, its slot in a table, and what sorting needs for it. */
const PAIR_BYTES = 48;

export class PairColumns {
  readonly arena = new KeyArena();
  count = 0;
  /** `ends[i]` is where key i ends in the arena; it begins where key i - 1 ends. */
  ends = new Uint32Array(FIRST_PAIRS);
  hashes = new Int32Array(FIRST_PAIRS);
  /** The values while all are numbers. */
  numbers: Float64Array<ArrayBuffer> | undefined = new Float64Array(FIRST_PAIRS);
  /** The values once one is no number. */
  values: unknown[] = [];
  /** What the values that are no numbers take. */
  valueBytes = 0;

  /** About how much memory the pairs take. */
  get bytes(): number {
    return this.arena.used + this.count * PAIR_BYTES + this.valueBytes;
  }

  /** Keeps the key that was written to the arena last, with a value. */
  append(value: unknown): void {
    const pair = this.count++;
    if (pair === this.ends.length) this.#grow();
    this.arena.used = this.arena.end;
    this.ends[pair] = this.arena.end;
    this.hashes[pair] = this.arena.hash;
    if (this.numbers !== undefined && typeof value === 'number') this.numbers[pair] = value;
    else this.#appendOther(pair, value);
  }

  valueAt(pair: number): unknown {
    return this.numbers === undefined ? this.values[pair] : this.numbers[pair];
  }

  /** Replaces a value by one that may be no number. What it takes is for the caller to count. */
  setValue(pair: number, value: unknown): void {
    if (this.numbers !== undefined) this.#leaveNumbers(this.count);
    this.values[pair] = value;
  }

  startOf(pair: number): number {
    return pair === 0 ? 0 : this.ends[pair - 1]!;
  }

  clear(): void {
    this.arena.clear();
    this.count = 0;
    this.numbers ??= new Float64Array(this.ends.length);
    this.values = [];
    this.valueBytes = 0;
  }

  /** The pairs of each partition, in partition order, each sorted by key; equal keys in the order in which they came. */
  *sorted(partitionCount: number): Generator<SortedPairs> {
    const { order, starts } = this.#byPartition(partitionCount);
    const keys = { bytes: this.arena.bytes, ends: this.ends };
    for (let partition = 0; partition < partitionCount; partition++) {
      const [from, to] = [starts[partition]!, starts[partition + 1]!];
      sortByKey(order, from, to, keys);
      yield new SortedColumns(this, order.subarray(from, to));
    }
  }

  /** A counting sort of the pairs' numbers; partition p has `order[starts[p], starts[p + 1])`. */
  #byPartition(partitionCount: number): { order: Uint32Array; starts: Uint32Array } {
    const starts = new Uint32Array(partitionCount + 1);
    for (let pair = 0; pair < this.count; pair++) starts[partitionOfHash(this.hashes[pair]!, partitionCount) + 1]!++;
    for (let partition = 0; partition < partitionCount; partition++) starts[partition + 1]! += starts[partition]!;
    const order = new Uint32Array(this.count);
    const next = starts.slice();
    for (let pair = 0; pair < this.count; pair++) {
      order[next[partitionOfHash(this.hashes[pair]!, partitionCount)]!++] = pair;
    }
    return { order, starts };
  }

  #appendOther(pair: number, value: unknown): void {
    if (this.numbers !== undefined) this.#leaveNumbers(pair);
    this.values.push(value);
    this.valueBytes += valueBytes(value);
  }

  #leaveNumbers(count: number): void {
    this.values = Array.from(this.numbers!.subarray(0, count));
    this.numbers = undefined;
  }

  #grow(): void {
    const length = this.ends.length * 2;
    const [ends, hashes, { numbers }] = [this.ends, this.hashes, this];
    this.ends = new Uint32Array(length);
    this.ends.set(ends);
    this.hashes = new Int32Array(length);
    this.hashes.set(hashes);
    if (numbers === undefined) return;
    this.numbers = new Float64Array(length);
    this.numbers.set(numbers);
  }
}

class SortedColumns implements SortedPairs {
  readonly key: Buffer;
  keyStart = 0;
  keyEnd = 0;
  value: unknown;
  readonly #columns: PairColumns;
  readonly #order: Uint32Array;
  #next = 0;

  constructor(columns: PairColumns, order: Uint32Array) {
    this.key = columns.arena.bytes;
    this.#columns = columns;
    this.#order = order;
  }

  next(): boolean {
    if (this.#next === this.#order.length) return false;
    const pair = this.#order[this.#next++]!;
    this.keyStart = this.#columns.startOf(pair);
    this.keyEnd = this.#columns.ends[pair]!;
    this.value = this.#columns.valueAt(pair);
    return true;
  }
}
