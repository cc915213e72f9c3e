// Merges any number of runs with a bounded number of open files and of blocks in memory: where there are more runs than
// the fan-in, groups of them are merged into longer runs first, as often as it takes.

import { rmSync } from 'node:fs';

import type { Kernel } from '../../kernel/kernel.ts';
import { freeDescriptors } from '../../machine/process-limits.ts';
import type { Combiner } from '../combiner.ts';
import { MergeWindows, type OnBlock } from './merge-windows.ts';
import { SortedFileReader } from '../file/sorted-file-reader.ts';
import { writeMerged } from './write-merged.ts';

export interface MergePassesOptions {
  /** The partitions to merge, the same of each run. */
  readonly partitions: readonly number[];
  /** Where they are merged. */
  readonly kernel: Kernel;
  /** How many runs are merged at once; 2 or more. */
  readonly fanIn: number;
  readonly combiner?: Combiner | undefined;
  /** Whether the numbers of equal keys are added up, where all values are numbers. */
  readonly adds?: boolean | undefined;
  /** Called for each block that the last merge reads. */
  readonly onBlock?: OnBlock | undefined;
  /** Called for each block that any merge reads or makes. */
  readonly onStep?: (() => void) | undefined;
  /** Whether the runs of earlier passes are compressed. */
  readonly compress?: boolean | undefined;
  /** The runs of earlier passes stand at `PATH.pass-0`, …, until they are merged in turn. */
  readonly path: string;
}

/** Runs that are open for their last merge. Dispose of it to close them, and to remove what passes have left. */
export class MergePasses implements Disposable {
  readonly #options: MergePassesOptions;
  readonly #fanIn: number;
  readonly #readers: SortedFileReader[] = [];
  /** What passes have written, and is still there. */
  #passed: string[] = [];
  #passedCount = 0;
  #partitions: readonly number[];

  /** Runs come in the order in which equal keys are to stand. @throws CorruptError where one is damaged */
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

  /** The merge of each partition, in the order of the options. Take one to its end before the next. */
  *merged(): Generator<MergeWindows> {
    yield* this.#mergePartitions(this.#readers, this.#options.onBlock);
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader.close();
    removeAll(this.#passed);
  }

  /** Merges groups of neighbours, so that equal keys keep their order. */
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
    // A merged run holds the partitions that were asked for, and no others.
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

/** Few runs are merged whatever the limit of open files; more take at most half of the files that may still be opened. */
const FEW_FILES = 8;

function fanInWithin(fanIn: number, fileCount: number): number {
  if (fileCount <= FEW_FILES) return fanIn;
  return Math.max(2, Math.min(fanIn, Math.floor(freeDescriptors() / 2)));
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}
