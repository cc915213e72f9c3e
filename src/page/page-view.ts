// What every part of the page gets: the record, and how the run stood at the time that is shown.

import type { Moment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';

export interface PageView {
  readonly record: RunRecord;
  readonly moment: Moment;
  readonly atMs: number;
  /** Whether the run is going on, so that the page shows it as it is now. */
  readonly isLive: boolean;
}

export interface Part {
  readonly root: HTMLElement;
  update(view: PageView): void;
}
