// Collects the results of the bench for the JSON file: every single timing, and the figures that follow from them.

import type { BenchCase, Measured, Target } from '../case.ts';
import type { Peaks } from '../measure/peak-memory.ts';
import { median, pairwise } from '../measure/ratios.ts';
import type { Machine } from './machine.ts';

export interface BenchResult {
  readonly date: string;
  readonly machine: Machine;
  readonly seed: number;
  readonly scale: number;
  readonly rounds: number;
  readonly cases: readonly CaseResult[];
}

export interface CaseResult {
  readonly name: string;
  readonly says: string;
  readonly reference: string;
  readonly contestants: readonly ContestantResult[];
  readonly targets: readonly TargetResult[];
}

export interface ContestantResult {
  readonly name: string;
  readonly skipped?: string;
  readonly timesMs: readonly (number | null)[];
  readonly medianMs?: number;
  readonly megabytesPerSecond?: number;
  /** The median of the ratios of each round. */
  readonly ratioToReference?: number;
  readonly peaks?: Peaks;
  readonly failures: readonly string[];
}

export interface TargetResult {
  readonly says: string;
  readonly limit: string;
  readonly measured?: number;
  readonly unit?: string;
  readonly verdict: 'met' | 'missed' | 'not measured' | 'not judged';
}

/** `judged`: inputs had their full size. At another scale, figures say nothing about a target. */
export function resultOf(benchCase: BenchCase, measured: readonly Measured[], judged: boolean): CaseResult {
  const find = (name: string): Measured | undefined =>
    measured.find((one) => one.name === name && one.skipped === undefined);
  const reference = find(benchCase.reference);
  return {
    name: benchCase.name,
    says: benchCase.says,
    reference: benchCase.reference,
    contestants: measured.map((one) => contestantResult(one, reference)),
    targets: benchCase.targets.map((target) => targetResult(target, target.measure(find), judged)),
  };
}

function contestantResult(one: Measured, reference: Measured | undefined): ContestantResult {
  const medianMs = median(one.times);
  return defined({
    name: one.name,
    skipped: one.skipped,
    timesMs: one.times.map((time) => time ?? null),
    medianMs,
    megabytesPerSecond:
      medianMs === undefined || one.inputBytes === 0 ? undefined : one.inputBytes / 1e6 / (medianMs / 1000),
    ratioToReference: reference === undefined ? undefined : pairwise(one.times, reference.times),
    peaks: one.peaks,
    failures: one.failures,
  });
}

function targetResult(target: Target, measured: number | undefined, judged: boolean): TargetResult {
  const { says, atMost = Infinity, atLeast = -Infinity, unit } = target;
  const met = measured !== undefined && measured <= atMost && measured >= atLeast;
  const verdict: TargetResult['verdict'] =
    measured === undefined ? 'not measured' : !judged ? 'not judged' : met ? 'met' : 'missed';
  return defined({
    says,
    limit: atMost === Infinity ? `≥ ${atLeast}` : `≤ ${atMost}`,
    measured,
    unit,
    verdict,
  });
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields. */
function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
