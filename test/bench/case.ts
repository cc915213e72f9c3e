// Defines a benchmark case: contestants that do the same work, and the targets to be met.

import type { Datasets } from './data/datasets.ts';
import type { Digest, Output } from './measure/digest.ts';
import type { Peaks } from './measure/peak-memory.ts';
import type { Times } from './measure/ratios.ts';
import type { Tools } from './peers/tools.ts';

/** What a case gets to build its contestants. */
export interface Bench {
  readonly data: Datasets;
  readonly tools: Tools;
  /** The cores that contestants may use. */
  readonly cores: number;
  /** An empty folder that is removed when the bench ends. */
  newFolder(): string;
  /** Calls a function with a new folder, which is removed afterwards. */
  inFolder<T>(work: (folder: string) => Promise<T>): Promise<T>;
}

/** One run of a contestant. */
interface Run {
  readonly wallMs: number;
  readonly peaks?: Peaks | undefined;
  /** The output, which is compared with the expected one; without it only the time counts. */
  readonly output?: Output;
}

export interface Contestant {
  readonly name: string;
  /** Why it cannot take part on this machine. */
  readonly skipped?: string | undefined;
  /** Its input, for its MB/s. It is read once before the rounds, so that all contestants find it in the page cache. */
  readonly inputs?: readonly string[];
  /** The expected output. It is computed once, before the rounds, by another program than the contestant. */
  readonly expected?: () => Promise<Digest>;
  /** Runs it once, in an empty folder that is removed afterwards. */
  readonly run: (folder: string) => Promise<Run>;
  /** Ends the processes that it keeps between its runs. */
  readonly close?: () => Promise<void>;
}

/** The measurements of one contestant. */
export interface Measured {
  readonly name: string;
  readonly skipped?: string | undefined;
  readonly inputBytes: number;
  readonly times: Times;
  /** The largest of all rounds; undefined if the system does not report it. */
  readonly peaks: Peaks | undefined;
  readonly failures: readonly string[];
}

export interface Target {
  readonly says: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** The unit of the figure, if it is not a ratio. */
  readonly unit?: string;
  /** The figure; undefined if a contestant is missing. */
  measure(find: (contestant: string) => Measured | undefined): number | undefined;
}

export interface BenchCase {
  readonly name: string;
  readonly says: string;
  /** Whether it runs only if it is asked for by name. */
  readonly onDemand?: boolean;
  /** The least number of rounds: short cases vary more, and need more of them. */
  readonly leastRounds?: number;
  /** The contestant with whose time those of the others are compared. */
  readonly reference: string;
  contestants(bench: Bench): readonly Contestant[];
  readonly targets: readonly Target[];
}
