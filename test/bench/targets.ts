// The kinds of targets that a case can have.

import type { Measured, Target } from './case.ts';
import { median, pairwise } from './measure/ratios.ts';

/** The time of one contestant is at most this many times that of another. */
export function ratioAtMost(limit: number, first: string, second: string): Target {
  return {
    says: `${first} ÷ ${second}`,
    atMost: limit,
    measure: (find) => both(find(first), find(second), (a, b) => pairwise(a.times, b.times)),
  };
}

/** A contestant takes at most this many seconds. */
export function secondsAtMost(limit: number, contestant: string): Target {
  return {
    says: contestant,
    atMost: limit,
    unit: 's',
    measure: (find) => median(find(contestant)?.times.map((ms) => (ms === undefined ? ms : ms / 1000)) ?? []),
  };
}

/** One contestant takes at most this many seconds more than another. */
export function differenceAtMost(limit: number, first: string, second: string): Target {
  return {
    says: `${first} − ${second}`,
    atMost: limit,
    unit: 's',
    measure: (find) => both(find(first), find(second), (a, b) => pairwise(a.times, b.times, (x, y) => (x - y) / 1000)),
  };
}

/** `workers` workers have at least this efficiency: 1 is `workers` times as fast as one worker. */
export function efficiencyAtLeast(limit: number, one: string, many: string, workers: number): Target {
  return {
    says: `${one} ÷ (${workers} × ${many})`,
    atLeast: limit,
    measure: (find) => both(find(one), find(many), (a, b) => pairwise(a.times, b.times, (x, y) => x / (workers * y))),
  };
}

/** A megabyte costs at most this many times as much in the first contestant as in the second. */
export function costRatioAtMost(limit: number, first: string, second: string): Target {
  return {
    says: `cost of a megabyte, ${first} ÷ ${second}`,
    atMost: limit,
    measure: (find) =>
      both(find(first), find(second), (a, b) =>
        pairwise(a.times, b.times, (x, y) => x / a.inputBytes / (y / b.inputBytes)),
      ),
  };
}

/** The most memory in MiB that the processes of a run may take. */
const DRIVER_MIB = 200;
const WORKER_MIB = 256;

/** No process of a run is ever larger than this. */
export function memoryBounded(contestant: string): Target[] {
  return [
    {
      says: `driver of ${contestant}`,
      atMost: DRIVER_MIB,
      unit: 'MiB',
      measure: (find) => find(contestant)?.peaks?.firstMiB,
    },
    {
      says: `largest worker of ${contestant}`,
      atMost: WORKER_MIB,
      unit: 'MiB',
      measure: (find) => find(contestant)?.peaks?.othersMiB,
    },
  ];
}

function both(
  first: Measured | undefined,
  second: Measured | undefined,
  combine: (first: Measured, second: Measured) => number | undefined,
): number | undefined {
  return first === undefined || second === undefined ? undefined : combine(first, second);
}
