// The map side of the shuffle: takes pairs in any order, leaves one run sorted by partition and key.
//
// Pairs gather in a buffer; where the job combines, in a table that combines them as they come. A full buffer is sorted and
// spilled as a run of its own; in the end the spills are merged, and combined once more. A table that hardly finds a key
// twice is given up: from then on pairs are only gathered and sorted, and combined when they are written.

import { rmSync } from 'node:fs';

import type { Key } from '../bytes.ts';
import { CombiningTable, type Combiner } from './combining-table.ts';
import { PairColumns } from './pair-columns.ts';
import { RunMerge } from './run-merge.ts';
import { writeRun } from './write-run.ts';

export type { Combiner } from './combining-table.ts';

export interface SorterOptions {
  /** The run that `finish()` leaves. Spills stand beside it as `PATH.spill-0`, …. */
  readonly path: string;
  readonly partitionCount: number;
  readonly combiner?: Combiner | undefined;
  /** How many bytes of keys and values to hold before a spill. */
  readonly bufferBytes: number;
  /** How many spills are merged at once. */
  readonly fanIn: number;
}

export interface SorterReport {
  readonly pairs: number;
  readonly bytes: number;
  readonly spills: number;
}

/** A table is judged when it has been offered this many pairs for the first time, and whenever it is full. */
const TRIAL_PAIRS = 1 << 17;

export class Sorter {
  readonly #options: SorterOptions;
  readonly #spills: string[] = [];
  readonly #columns = new PairColumns();
  #table: CombiningTable | undefined;
  #added = 0;

  constructor(options: SorterOptions) {
    this.#options = options;
    this.#table = options.combiner && new CombiningTable(this.#columns, options.combiner);
  }

  add(key: Key, value: unknown): void {
    if (this.#table === undefined) {
      this.#columns.arena.write(key);
      this.#columns.append(value);
    } else {
      this.#table.add(key, value);
    }
    this.#added++;
    if (this.#columns.bytes >= this.#options.bufferBytes) this.#spill();
    else if (this.#table !== undefined && this.#givesUp(this.#table)) this.#spill();
  }

  #givesUp(table: CombiningTable): boolean {
    return table.isClogged || (this.#added === TRIAL_PAIRS && !table.isWorthwhile);
  }

  /** Writes the run and answers what is in it. Nothing can be added afterwards. */
  finish(): SorterReport {
    const { path } = this.#options;
    if (this.#spills.length === 0) return { ...this.#writeBuffer(path, true), spills: 0 };
    if (this.#columns.count > 0) this.#spill();
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
    if (this.#table?.isWorthwhile === false) this.#table = undefined;
    if (this.#table === undefined) this.#columns.clear();
    else this.#table.clear();
  }

  #writeBuffer(path: string, durable: boolean): { pairs: number; bytes: number } {
    this.#table?.settle();
    // A table has each key once: there is nothing left to combine.
    const combiner = this.#table === undefined ? this.#options.combiner : undefined;
    return writeRun(path, durable, this.#columns.sorted(this.#options.partitionCount), combiner);
  }

  #mergeSpills(path: string): { pairs: number; bytes: number } {
    const { partitionCount, fanIn, combiner } = this.#options;
    const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
    using merge = new RunMerge(this.#spills, { partitions, fanIn, combiner, path });
    return writeRun(path, true, merge.merged(), combiner);
  }
}
