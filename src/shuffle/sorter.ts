// The map side of the shuffle: takes pairs in any order, leaves one run sorted by partition and key.
//
// Pairs gather in a buffer. A full buffer is sorted and spilled as a run of its own; in the end the spills are merged.
// Where the job combines, each group of equal keys is combined before it is written, in a spill and in the merge.

import { rmSync } from 'node:fs';

import { groupByKey, mergeSorted, type SortedPairs } from './merge.ts';
import { compareKeys, keyPrefix } from './order.ts';
import { partitionOf } from './partition.ts';
import { RunReader } from './run-reader.ts';
import { RunWriter } from './run-writer.ts';
import { valueBytes } from './value-size.ts';

export type Combine = (key: string, values: Iterable<unknown>) => unknown;

export interface SorterOptions {
  /** The run that `finish()` leaves. Spills stand beside it as `PATH.spill-0`, …. */
  readonly path: string;
  readonly partitionCount: number;
  readonly combine?: Combine | undefined;
  /** How many bytes of keys and values to hold before a spill. */
  readonly bufferBytes: number;
}

export interface SorterReport {
  readonly pairs: number;
  readonly bytes: number;
  readonly spills: number;
}

const PAIR_BYTES = 20;
const FIRST_PAIRS = 1 << 12;

export class Sorter {
  readonly #options: SorterOptions;
  readonly #spills: string[] = [];
  #keys = Buffer.allocUnsafe(1 << 16);
  #keyBytes = 0;
  /** `#ends[i]` is where key i ends in `#keys`; it begins where key i - 1 ends. */
  #ends = new Uint32Array(FIRST_PAIRS);
  #partitions = new Uint32Array(FIRST_PAIRS);
  #prefixes = new Uint32Array(FIRST_PAIRS);
  #values: unknown[] = [];
  #bytes = 0;

  constructor(options: SorterOptions) {
    this.#options = options;
  }

  add(key: string, value: unknown): void {
    const pair = this.#values.length;
    if (pair === this.#ends.length) this.#growPairs();
    const start = this.#keyBytes;
    // A UTF-16 code unit takes at most three bytes.
    if (start + key.length * 3 > this.#keys.length) this.#growKeys(start + key.length * 3);
    const end = start + this.#keys.write(key, start, 'utf8');
    this.#keyBytes = end;
    this.#ends[pair] = end;
    this.#prefixes[pair] = keyPrefix(this.#keys, start, end);
    this.#partitions[pair] = partitionOf(this.#keys, start, end, this.#options.partitionCount);
    this.#values.push(value);
    this.#bytes += PAIR_BYTES + (end - start) + valueBytes(value);
    if (this.#bytes >= this.#options.bufferBytes) this.#spill();
  }

  /** Writes the run and answers what is in it. Nothing can be added afterwards. */
  finish(): SorterReport {
    const { path } = this.#options;
    if (this.#spills.length === 0) {
      const written = this.#writeBuffer(path, true);
      return { ...written, spills: 0 };
    }
    if (this.#values.length > 0) this.#spill();
    return { ...this.#mergeSpills(path), spills: this.#spills.length };
  }

  /** Removes the spills: call it when the sorter is done with, in whatever way. */
  discard(): void {
    for (const spill of this.#spills) rmSync(spill, { force: true });
  }

  #spill(): void {
    const path = `${this.#options.path}.spill-${this.#spills.length}`;
    this.#spills.push(path);
    this.#writeBuffer(path, false);
    this.#keyBytes = 0;
    this.#values = [];
    this.#bytes = 0;
  }

  #writeBuffer(path: string, durable: boolean): { pairs: number; bytes: number } {
    const order = this.#sortedOrder();
    let from = 0;
    return this.#writeRun(path, durable, (partition) => {
      let to = from;
      while (to < order.length && this.#partitions[order[to]!] === partition) to++;
      const pairs = new BufferedPairs(this.#keys, this.#ends, this.#values, order.subarray(from, to));
      from = to;
      return pairs;
    });
  }

  #mergeSpills(path: string): { pairs: number; bytes: number } {
    using stack = new DisposableStack();
    const spills = this.#spills.map((spill) => stack.use(new RunReader(spill)));
    return this.#writeRun(path, true, (partition) => mergeSorted(spills.map((spill) => spill.segment(partition))));
  }

  #writeRun(
    path: string,
    durable: boolean,
    sorted: (partition: number) => SortedPairs,
  ): { pairs: number; bytes: number } {
    const writer = new RunWriter(path);
    let bytes: number;
    try {
      for (let partition = 0; partition < this.#options.partitionCount; partition++) {
        this.#writePairs(writer, sorted(partition));
        writer.endPartition();
      }
      bytes = writer.finish(durable);
    } catch (error) {
      writer.close();
      throw error;
    }
    return { pairs: writer.pairCount, bytes };
  }

  #writePairs(writer: RunWriter, pairs: SortedPairs): void {
    const { combine } = this.#options;
    if (combine === undefined) {
      while (pairs.next()) writer.add(pairs.key, pairs.keyStart, pairs.keyEnd, pairs.value);
      return;
    }
    for (const { key, keyBytes, values } of groupByKey(pairs)) {
      writer.add(keyBytes, 0, keyBytes.length, combine(key, values));
    }
  }

  /** The numbers of the buffered pairs, by partition, key bytes and then the order in which they came. */
  #sortedOrder(): Uint32Array {
    const keys = this.#keys;
    const ends = this.#ends;
    const prefixes = this.#prefixes;
    const partitions = this.#partitions;
    const order = Uint32Array.from({ length: this.#values.length }, (_, pair) => pair);
    return order.sort(
      (a, b) =>
        partitions[a]! - partitions[b]! ||
        prefixes[a]! - prefixes[b]! ||
        compareKeys(keys, startOf(ends, a), ends[a]!, keys, startOf(ends, b), ends[b]!) ||
        a - b,
    );
  }

  #growPairs(): void {
    this.#ends = doubled(this.#ends);
    this.#partitions = doubled(this.#partitions);
    this.#prefixes = doubled(this.#prefixes);
  }

  #growKeys(needed: number): void {
    const keys = Buffer.allocUnsafe(Math.max(needed, this.#keys.length * 2));
    this.#keys.copy(keys, 0, 0, this.#keyBytes);
    this.#keys = keys;
  }
}

/** Sorted pairs of the buffer. */
class BufferedPairs implements SortedPairs {
  readonly key: Buffer;
  keyStart = 0;
  keyEnd = 0;
  value: unknown;
  readonly #ends: Uint32Array;
  readonly #values: readonly unknown[];
  readonly #order: Uint32Array;
  #next = 0;

  constructor(keys: Buffer, ends: Uint32Array, values: readonly unknown[], order: Uint32Array) {
    this.key = keys;
    this.#ends = ends;
    this.#values = values;
    this.#order = order;
  }

  next(): boolean {
    if (this.#next === this.#order.length) return false;
    const pair = this.#order[this.#next++]!;
    this.keyStart = startOf(this.#ends, pair);
    this.keyEnd = this.#ends[pair]!;
    this.value = this.#values[pair];
    return true;
  }
}

function startOf(ends: Uint32Array, pair: number): number {
  return pair === 0 ? 0 : ends[pair - 1]!;
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
