// What stands below the lines that tell a run, or between them.

import type { LocalObserver } from '../engine/run-watch.ts';
import type { Say } from '../view/narrator.ts';

export type RunStateNow = Parameters<LocalObserver['happened']>[3];

/** Hears of a run and shows how it stands, until it is disposed of. */
export interface Foot extends Disposable {
  readonly observer: Partial<LocalObserver>;
  /** Tells a line, which stays. */
  readonly tell: Say;
}
