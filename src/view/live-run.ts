// A run that can be looked at while it goes on.

import type { RunView } from './fold.ts';

export interface LiveRun {
  /**
   * Returns the view of the run, which is kept up to date from then on. The first call folds the journal: a run that nobody
   * looks at does not pay for the fold.
   * @throws Error if the journal cannot be read
   */
  openView(): Promise<RunView>;
  /** The time in the run, in milliseconds since 1970. */
  nowMs(): number;
}
