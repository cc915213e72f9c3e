// What the parts of the page are told: the record, and how the run stood at the time that is looked at.

import type { Moment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';

export interface PageView {
  readonly record: RunRecord;
  readonly moment: Moment;
  readonly atMs: number;
  /** Whether the run goes on, and the page shows it as it is now. */
  readonly isLive: boolean;
}

export interface Part {
  readonly root: HTMLElement;
  update(view: PageView): void;
}
