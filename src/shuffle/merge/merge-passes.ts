// Merges any number of runs with a bounded number of open files and of blocks in memory: where there are more runs than
// the fan-in, groups of them are merged into longer runs first, as often as it takes.

import { rmSync } from 'node:fs';

import type { Kernel } from '../../kernel/kernel.ts';
import { freeDescriptors } from '../../machine/process-limits.ts';
import type { Combiner } from '../combiner.ts';
import { KernelMerge, type OnBlock } from './merge-windows.ts';
import { RunReader } from '../file/sorted-file-reader.ts';
import { writeRun } from './write-merged.ts';

export interface RunMergeOptions {
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
export class RunMerge implements Disposable {
  readonly #options: RunMergeOptions;
  readonly #fanIn: number;
  readonly #readers: RunReader[] = [];
  /** What passes have written, and is still there. */
  #passed: string[] = [];
  #passedCount = 0;
  #partitions: readonly number[];

  /** Runs come in the order in which equal keys are to stand. @throws CorruptError where one is damaged */
  constructor(runs: readonly string[], options: RunMergeOptions) {
    this.#options = options;
    this.#fanIn = fanInWithin(options.fanIn, runs.length);
    this.#partitions = options.partitions;
    try {
      let rest = runs;
      while (rest.length > this.#fanIn) rest = this.#pass(rest);
      for (const run of rest) this.#readers.push(new RunReader(run));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The merge of each partition, in the order of the options. Take one to its end before the next. */
  *merged(): Generator<KernelMerge> {
    yield* this.#mergePartitions(this.#readers, this.#options.onBlock);
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader.close();
    removeAll(this.#passed);
  }

  /** Merges groups of neighbours, so that equal keys keep their order. */
  #pass(runs: readonly string[]): string[] {
    const { path, combiner, compress } = this.#options;
    const fanIn = this.#fanIn;
    const before = this.#passed;
    const longer: string[] = [];
    this.#passed = [...before];
    for (let from = 0; from < runs.length; from += fanIn) {
      const target = `${path}.pass-${this.#passedCount++}`;
      longer.push(target);
      this.#passed.push(target);
      using open = new DisposableStack();
      const group = runs.slice(from, from + fanIn).map((run) => open.use(new RunReader(run)));
      writeRun(this.#mergePartitions(group), { path: target, combiner, compress });
    }
    removeAll(before);
    this.#passed = longer;
    // A merged run holds the partitions that were asked for, and no others.
    this.#partitions = this.#options.partitions.map((_, index) => index);
    return longer;
  }

  *#mergePartitions(runs: readonly RunReader[], onBlock?: OnBlock): Generator<KernelMerge> {
    const { kernel, adds = false, onStep } = this.#options;
    for (const partition of this.#partitions) {
      const segments = runs.map((run) => run.blocks(partition));
      yield new KernelMerge(kernel, segments, { adds, onBlock, onStep });
    }
  }
}

/** Few runs are merged whatever the limit of open files; more take at most half of the files that may still be opened. */
const FEW_RUNS = 8;

function fanInWithin(fanIn: number, runCount: number): number {
  if (runCount <= FEW_RUNS) return fanIn;
  return Math.max(2, Math.min(fanIn, Math.floor(freeDescriptors() / 2)));
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}
