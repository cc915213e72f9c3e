// Draws the plan of a round from its seed before anything runs. What a fault meets, and so the outcome, also depends on the speed of
// the machine.

import { allKinds, type Refusal, refusalOf } from '../refusals/refusals.ts';
import { Draws } from './draws.ts';
import { BETWEEN, DURING } from './faults.ts';
import type { FaultKind } from './scene.ts';
import { drawSetting, type Setting } from './setting.ts';

/** A fault, and the time since the previous one. */
export interface Step {
  readonly waitMs: number;
  readonly kind: FaultKind;
  readonly seed: number;
}

/** A limit for a driver: a maximum size of files, or a system call that is refused. */
export type Handicap = { readonly fileLimitKiB: number } | { readonly refusal: Refusal };

export interface Plan {
  readonly setting: Setting;
  /** The faults while a driver lives, one after another. */
  readonly during: readonly Step[];
  /** The faults after each driver that did not succeed. */
  readonly between: readonly (readonly Step[])[];
  /** The handicaps of the first drivers. */
  readonly handicaps: readonly (Handicap | undefined)[];
}

/** The abilities of this machine. */
export interface Means {
  readonly canMount: boolean;
  readonly canRefuse: boolean;
}

const MOST_BETWEEN = 4;
const HANDICAPPED_DRIVERS = 3;
/** Only few calls are about an input. */
const REFUSALS = allKinds().filter(({ path, call }) => path !== '/texts' || ['open', 'read', 'stat'].includes(call));

export function drawPlan(seed: number, { canMount, canRefuse }: Means): Plan {
  const draws = new Draws(seed);
  const setting = drawSetting(draws, canMount);
  const step = (kinds: readonly FaultKind[]): Step => ({
    waitMs: draws.between(30, setting.quietMs),
    kind: drawKind(draws, kinds),
    seed: draws.between(0, 2 ** 31),
  });
  const possible = DURING.filter(({ isPossible }) => isPossible?.(setting) !== false);
  return {
    setting,
    during: Array.from({ length: draws.between(4, 12) }, () => step(possible)),
    between: Array.from({ length: MOST_BETWEEN }, () =>
      Array.from({ length: draws.isIn(0.6) ? draws.between(1, 2) : 0 }, () => step(BETWEEN)),
    ),
    handicaps: Array.from({ length: HANDICAPPED_DRIVERS }, () => drawHandicap(draws, setting, canRefuse)),
  };
}

function drawKind(draws: Draws, kinds: readonly FaultKind[]): FaultKind {
  const all = kinds.reduce((sum, { weight }) => sum + weight, 0);
  let left = draws.between(1, all);
  return kinds.find(({ weight }) => (left -= weight) <= 0)!;
}

function drawHandicap(draws: Draws, { texts }: Setting, canRefuse: boolean): Handicap | undefined {
  const size = Object.values(texts).reduce((bytes, { length }) => bytes + length, 0);
  const fileLimitKiB = Math.ceil(size / 1024 / draws.between(2, 12));
  const [kind, nth, draw] = [draws.oneOf(REFUSALS)!, draws.between(1, draws.between(1, 12)), draws.between(0, 99)];
  const which = draws.between(0, 9);
  if (which === 0) return { fileLimitKiB };
  return which < 4 && canRefuse ? { refusal: refusalOf(kind, nth, draw) } : undefined;
}
