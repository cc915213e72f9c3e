// What a benchmark case is: contestants that do the same work, and what is to be reached.

import type { Datasets } from './data/datasets.ts';
import type { Digest, Output } from './measure/digest.ts';
import type { Peaks } from './measure/peak-memory.ts';
import type { Times } from './measure/ratios.ts';
import type { Tools } from './peers/tools.ts';

/** What a case builds its contestants from. */
export interface Bench {
  readonly data: Datasets;
  readonly tools: Tools;
  /** The cores that contestants may use. */
  readonly cores: number;
  /** An empty folder that is removed when the bench ends. */
  newFolder(): string;
  /** Does something in a new folder, which is then removed. */
  inFolder<T>(work: (folder: string) => Promise<T>): Promise<T>;
}

/** One run of a contestant. */
interface Run {
  readonly wallMs: number;
  readonly peaks?: Peaks | undefined;
  /** What is compared with what is expected; without it, the run has nothing to show but its time. */
  readonly output?: Output;
}

export interface Contestant {
  readonly name: string;
  /** Why it cannot take part here. */
  readonly skipped?: string | undefined;
  /** What it reads: read once before the rounds, so that all find it in the page cache, and the measure of its MB/s. */
  readonly inputs?: readonly string[];
  /** Computed once, before the rounds, by something else than the contestant. */
  readonly expected?: () => Promise<Digest>;
  /** Runs once, in an empty folder that is removed afterwards. */
  readonly run: (folder: string) => Promise<Run>;
  /** Ends what it keeps between its runs. */
  readonly close?: () => Promise<void>;
}

/** What was measured of one contestant. */
export interface Measured {
  readonly name: string;
  readonly skipped?: string | undefined;
  readonly inputBytes: number;
  readonly times: Times;
  /** The largest of all rounds; undefined where the system does not tell. */
  readonly peaks: Peaks | undefined;
  readonly failures: readonly string[];
}

export interface Target {
  readonly says: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** The unit of what is measured, where it is no ratio. */
  readonly unit?: string;
  /** Undefined where a contestant is missing. */
  measure(find: (contestant: string) => Measured | undefined): number | undefined;
}

export interface BenchCase {
  readonly name: string;
  readonly says: string;
  /** Runs only where it is asked for by name. */
  readonly onDemand?: boolean;
  /** Short cases vary more: they run more often. */
  readonly leastRounds?: number;
  /** The contestant to whose time those of the others are set in proportion. */
  readonly reference: string;
  contestants(bench: Bench): readonly Contestant[];
  readonly targets: readonly Target[];
}
