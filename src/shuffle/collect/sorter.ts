// Sorts the output of a map task: takes pairs in any order and leaves one file, sorted by partition and key.
//
// Pairs are collected in a buffer, which combines them if the job has a combiner. A full buffer is sorted and spilled to a sorted
// file. In the end the spills are merged, and combined once more.

import { rmSync } from 'node:fs';

import type { Key } from '../../bytes.ts';
import type { Kernel, WordScan } from '../../kernel/kernel.ts';
import type { Combiner } from '../combiner.ts';
import { HotKeySketch } from './hot-key-sketch.ts';
import { JoinedStrings } from './joined-strings.ts';
import { PairBuffer } from './pair-buffer.ts';
import { type Partitioning, partitionOf } from '../partition.ts';
import { MergePasses } from '../merge/merge-passes.ts';
import { createSortedFile, type WrittenSortedFile } from '../file/sorted-file-writer.ts';
import type { SortPhase } from './write-sorted.ts';
import { writeMerged } from '../merge/write-merged.ts';

export interface SorterOptions {
  /** The path of the file that `finish()` leaves. Spills are beside it, as `PATH.spill-0`, …. */
  readonly path: string;
  readonly partitioning: Partitioning;
  readonly combiner?: Combiner | undefined;
  /** Its buffer holds the pairs, and the size of that decides when they are spilled. */
  readonly kernel: Kernel;
  /** The most spills that are merged at once. */
  readonly fanIn: number;
  /** Whether spills and the sorted file are compressed. */
  readonly compress?: boolean | undefined;
  /** Called when the sorter begins a phase that takes time, and with undefined when it goes back to taking pairs. Merging spills counts as writing. */
  readonly onPhase?: OnPhase | undefined;
  /** Called again and again while the sorter sorts, writes and merges. */
  readonly onStep?: (() => void) | undefined;
}

type OnPhase = (phase: SortPhase | undefined) => void;

export interface SorterReport extends WrittenSortedFile {
  readonly spills: number;
}

export class Sorter {
  readonly #options: SorterOptions;
  readonly #spills: string[] = [];
  readonly #buffer: PairBuffer;
  readonly #hotKeys = new HotKeySketch();
  readonly #strings = new JoinedStrings();
  /** Whether somebody else may have the kernel by now: pairs are then dropped, and the kernel is not touched. */
  #isClosed = false;

  constructor(options: SorterOptions) {
    this.#options = options;
    this.#buffer = new PairBuffer(options.kernel, options.combiner, (key, value) => this.#addSlowly(key, value));
  }

  /**
   * Adds a pair that is like the one before it: a view of the same buffer with the same value, or again a short string with a
   * number. Otherwise, or if the key is not valid, returns false: `add` takes every pair.
   */
  addAlike(key: Key, value: unknown): boolean {
    return this.#buffer.addAlike(key, value);
  }

  add(key: Key, value: unknown): void {
    if (this.#isClosed) return;
    if (typeof key === 'string' && this.#buffer.canJoin(value)) return this.#join(key, value);
    if (this.#strings.count > 0) this.#flushStrings();
    if (!this.#buffer.addQuickly(key, value)) this.#addSlowly(key, value);
  }

  /** Adds the pairs that wait. To be called before the input block whose bytes they may refer to is overwritten. */
  flush(): void {
    if (this.#isClosed) return;
    this.#flushStrings();
    this.#buffer.flush();
  }

  /** Adds a pair with this value for each word of a text. Returns the number of words. */
  addWords(words: WordScan, value: number): number {
    if (this.#isClosed) return 0;
    this.#flushStrings();
    for (let count = 0; ; count++) {
      if (this.#buffer.canScan(words)) count += this.#buffer.addWords(words, value);
      const { done, value: word } = words.next();
      if (done === true) return count;
      this.add(word, value);
    }
  }

  /** Writes the sorted file and returns what it holds. Pairs that are added afterwards are dropped. */
  finish(): SorterReport {
    this.flush();
    this.#isClosed = true;
    const { path } = this.#options;
    if (this.#spills.length === 0) return { ...this.#writeBuffer(path), spills: 0 };
    if (this.#buffer.count > 0) this.#spill();
    return { ...this.#mergeSpills(path), spills: this.#spills.length };
  }

  /** Removes the spills. To be called whenever the sorter is no longer needed, also after an error. */
  discard(): void {
    this.#isClosed = true;
    this.#buffer.drop();
    for (const spill of this.#spills) rmSync(spill, { force: true });
  }

  /** Keeps a pair until many can be appended at once. */
  #join(key: string, value: string | number | null): void {
    const strings = this.#strings;
    if (!strings.takes(value)) this.#flushStrings();
    // Keys that were given as bytes before this one have to be added before it.
    if (strings.count === 0) this.#buffer.flush();
    if (strings.add(key, value)) this.#flushStrings();
  }

  #flushStrings(): void {
    const strings = this.#strings;
    if (strings.count === 0) return;
    const appended = this.#buffer.appendJoined(strings);
    for (const [key, value] of strings.takeFrom(appended)) this.#addSlowly(key, value);
  }

  #addSlowly(key: Key, value: unknown): void {
    if (!this.#buffer.add(key, value)) this.#addToEmpty(key, value);
    else if (this.#buffer.isFull) this.#spill();
  }

  #addToEmpty(key: Key, value: unknown): void {
    if (this.#buffer.count > 0) this.#spill();
    if (!this.#buffer.add(key, value)) this.#spillOne(key, value);
  }

  #spill(): void {
    try {
      this.#writeBuffer(this.#nextSpill());
    } finally {
      // Sorting has taken the memory of the table.
      this.#buffer.clear();
      this.#options.onPhase?.(undefined);
    }
  }

  /** Spills a pair alone, whose key is longer than the buffer. */
  #spillOne(key: Key, value: unknown): void {
    const { partitioning, compress } = this.#options;
    const bytes = Buffer.from(key.toString());
    const owner = partitionOf(bytes, 0, bytes.length, partitioning);
    createSortedFile(this.#nextSpill(), { compress }, (writer) => {
      for (let partition = 0; partition < partitioning.count; partition++) {
        if (partition === owner) writer.add(bytes, 0, bytes.length, value);
        writer.endPartition();
      }
    });
  }

  #nextSpill(): string {
    const path = `${this.#options.path}.spill-${this.#spills.length}`;
    this.#spills.push(path);
    return path;
  }

  #writeBuffer(path: string): WrittenSortedFile {
    const { partitioning, compress, onPhase, onStep } = this.#options;
    this.#buffer.noteHottest(this.#hotKeys);
    const options = { compress, hotKeys: this.#hotKeys.top };
    return createSortedFile(path, options, (writer) => this.#buffer.writeTo(writer, partitioning, { onPhase, onStep }));
  }

  #mergeSpills(path: string): WrittenSortedFile {
    const { partitioning, fanIn, combiner, compress, kernel, onPhase, onStep } = this.#options;
    onPhase?.('write');
    const adds = combiner?.adds;
    const partitions = Array.from({ length: partitioning.count }, (_, partition) => partition);
    using merge = new MergePasses(this.#spills, { partitions, fanIn, combiner, adds, kernel, compress, path, onStep });
    return writeMerged(merge.merged(), { path, combiner, compress, hotKeys: this.#hotKeys.top });
  }
}
