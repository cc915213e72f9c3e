// Searches for a seed that reveals a planted bug.

import type { Violation } from '../inspection.ts';
import { simulate } from '../simulation.ts';
import type { PlantedBug } from './planted-bug.ts';

interface Found extends Violation {
  readonly seed: number;
}

/** Returns the first seed, from 1 to `seedCount`, in which a checker finds the bug; undefined if there is no such seed. */
export function searchBug(bug: PlantedBug, seedCount: number): Found | undefined {
  for (let seed = 1; seed <= seedCount; seed++) {
    const { violation } = simulate(seed, { bug });
    if (violation !== undefined) return { seed, ...violation };
  }
  return undefined;
}
