// What stands below the lines that tell a run, or between them.

import type { RunObserver } from '../driver/run.ts';
import type { Say } from '../status/narrator.ts';

export type RunStateNow = Parameters<RunObserver['happened']>[3];

/** Hears of a run and shows how it stands, until it is disposed of. */
export interface Foot extends Disposable {
  readonly observer: Partial<RunObserver>;
  /** Tells a line, which stays. */
  readonly tell: Say;
}
