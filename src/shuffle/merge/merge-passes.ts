// Merges any number of sorted files with a bounded number of open files and of blocks in memory. If there are more files than the
// fan-in, groups of them are merged into longer files first, in as many passes as it takes.

import { rmSync } from 'node:fs';

import type { Kernel } from '../../kernel/kernel.ts';
import { freeDescriptors } from '../../machine/process-limits.ts';
import type { Combiner } from '../combiner.ts';
import { MergeWindows, type OnBlock } from './merge-windows.ts';
import { SortedFileReader } from '../file/sorted-file-reader.ts';
import { writeMerged } from './write-merged.ts';

export interface MergePassesOptions {
  /** The partitions to merge, the same of each file. */
  readonly partitions: readonly number[];
  /** The kernel that merges. */
  readonly kernel: Kernel;
  /** The most files that are merged at once; 2 or more. */
  readonly fanIn: number;
  readonly combiner?: Combiner | undefined;
  /** Whether the numbers of equal keys are added up, if all values are numbers. */
  readonly adds?: boolean | undefined;
  /** Called for each block that the last merge reads. */
  readonly onBlock?: OnBlock | undefined;
  /** Called for each block that any pass reads or makes. */
  readonly onStep?: (() => void) | undefined;
  /** Whether the files that passes write are compressed. */
  readonly compress?: boolean | undefined;
  /** Passes write `PATH.pass-0`, …, each of which is removed after it has been merged in turn. */
  readonly path: string;
}

/** Runs all passes but the last, and keeps the files open for that. Disposing of it closes them and removes what passes have written. */
export class MergePasses implements Disposable {
  readonly #options: MergePassesOptions;
  readonly #fanIn: number;
  readonly #readers: SortedFileReader[] = [];
  /** The files that passes have written and that are still there. */
  #passed: string[] = [];
  #passedCount = 0;
  #partitions: readonly number[];

  /** Equal keys come in the order of `paths`. @throws CorruptError if a file is damaged */
  constructor(paths: readonly string[], options: MergePassesOptions) {
    this.#options = options;
    this.#fanIn = fanInWithin(options.fanIn, paths.length);
    this.#partitions = options.partitions;
    try {
      let rest = paths;
      while (rest.length > this.#fanIn) rest = this.#pass(rest);
      for (const path of rest) this.#readers.push(new SortedFileReader(path));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The merge of each partition, in the order of the options. Each has to be read to its end before the next. */
  *merged(): Generator<MergeWindows> {
    yield* this.#mergePartitions(this.#readers, this.#options.onBlock);
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader.close();
    removeAll(this.#passed);
  }

  /** Merges groups of neighbouring files, so that equal keys keep their order. Returns the paths of the merged files. */
  #pass(paths: readonly string[]): string[] {
    const { path, combiner, compress } = this.#options;
    const fanIn = this.#fanIn;
    const before = this.#passed;
    const longer: string[] = [];
    this.#passed = [...before];
    for (let from = 0; from < paths.length; from += fanIn) {
      const target = `${path}.pass-${this.#passedCount++}`;
      longer.push(target);
      this.#passed.push(target);
      using open = new DisposableStack();
      const group = paths.slice(from, from + fanIn).map((path) => open.use(new SortedFileReader(path)));
      writeMerged(this.#mergePartitions(group), { path: target, combiner, compress });
    }
    removeAll(before);
    this.#passed = longer;
    // A merged file holds only the partitions that were asked for.
    this.#partitions = this.#options.partitions.map((_, index) => index);
    return longer;
  }

  *#mergePartitions(files: readonly SortedFileReader[], onBlock?: OnBlock): Generator<MergeWindows> {
    const { kernel, adds = false, onStep } = this.#options;
    for (const partition of this.#partitions) {
      const segments = files.map((file) => file.blocks(partition));
      yield new MergeWindows(kernel, segments, { adds, onBlock, onStep });
    }
  }
}

/** So few files are merged whatever the limit of open files; more take at most half of the files that may still be opened. */
const FEW_FILES = 8;

function fanInWithin(fanIn: number, fileCount: number): number {
  if (fileCount <= FEW_FILES) return fanIn;
  return Math.max(2, Math.min(fanIn, Math.floor(freeDescriptors() / 2)));
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}
