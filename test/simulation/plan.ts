// Draws the properties of a simulated run from its seed: its size, its limits, and its job.

import type { RunLimits, SchedulerOptions } from '../../src/scheduler/events.ts';
import type { Dice } from './dice.ts';

/** A record that ends every attempt of its map task. */
export interface BadRecord {
  readonly task: number;
  readonly slice: number;
  readonly offset: number;
  readonly does: 'throw' | 'crash' | 'hang' | 'use up memory';
}

export interface Plan {
  readonly seed: number;
  readonly options: SchedulerOptions;
  /** The duration of an attempt on a usual worker. */
  readonly taskMs: number;
  /** Whether every attempt of a task writes the same bytes. */
  readonly deterministic: boolean;
  readonly badRecords: readonly BadRecord[];
  /** The reduce task with a key at which its function always throws. */
  readonly badReduce: number | undefined;
  readonly chunkBytes: readonly number[];
  /** The time during which faults happen. */
  readonly troubleMs: number;
  /** The number of times that another driver continues a run that has failed or was interrupted. */
  readonly retries: number;
}

/** The highest offset of a record in a slice of a chunk. */
export const SLICE_BYTES = 1000;

export function newPlan(seed: number, dice: Dice): Plan {
  const size = dice.pick([3, 6, 12, 25, 50, 100]);
  const mapCount = dice.integer(1, size);
  const reduceCount = dice.integer(1, size);
  const limits = newLimits(dice, Math.ceil(size / 2));
  return {
    seed,
    options: { ...limits, mapCount, reduceCount },
    taskMs: dice.scaled(50, 5000),
    deterministic: dice.chance(0.6),
    badRecords: dice.chance(0.3) ? newBadRecords(dice, mapCount) : [],
    badReduce: dice.chance(0.03) ? dice.integer(0, reduceCount - 1) : undefined,
    chunkBytes: Array.from({ length: mapCount }, () => (dice.chance(0.05) ? 0 : dice.integer(900, 1100))),
    troubleMs: dice.scaled(2000, 600_000),
    retries: dice.chance(0.3) ? dice.integer(1, 3) : 0,
  };
}

export function newLimits(dice: Dice, mostWorkers: number): RunLimits {
  return {
    workerCount: dice.integer(1, Math.max(1, mostWorkers)),
    maxAttempts: dice.pick([1, 2, 3, 4, 4, 8]),
    maxRespawns: dice.pick([0, 1, 3, 5, 10, 20]),
    taskTimeoutMs: dice.pick([5000, 20_000, 60_000]),
    backup: dice.chance(0.7),
    skipBadRecords: dice.pick([0, 0, 1, 3, 10]),
  };
}

function newBadRecords(dice: Dice, mapCount: number): BadRecord[] {
  return Array.from({ length: dice.integer(1, 4) }, () => ({
    task: dice.integer(0, mapCount - 1),
    slice: dice.integer(0, 1),
    offset: dice.integer(0, SLICE_BYTES - 1),
    does: dice.pick(['throw', 'throw', 'crash', 'hang', 'use up memory']),
  }));
}
