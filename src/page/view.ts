// What the parts of the page are told: the record, and how the run stood at the time that is looked at.

import type { Moment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { secondsText } from '../view/numbers.ts';

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

/** A time that people read at a glance: `7 ms`, `0.42 s`, `34.1 s`, `5 min 3 s`. */
export function durationText(ms: number): string {
  if (ms > 0 && ms < 100) return `${Math.ceil(ms)} ms`;
  if (ms < 10_000) return secondsText(ms);
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
