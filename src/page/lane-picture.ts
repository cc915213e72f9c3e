// Defines the layout of the lanes in their canvas, and finds what is at a point of it.

import type { AttemptRow } from '../view/record.ts';
import type { LaneIndex } from './lane-index.ts';
import type { TimeWindow } from './time-window.ts';

export const AXIS_PIXELS = 22;
/** A point may miss a bar by this much. */
const SLACK_PIXELS = 2;

export interface LanePicture {
  readonly index: LaneIndex;
  readonly window: TimeWindow;
  /** The time at which the run is shown. */
  readonly atMs: number;
  /** The width of the canvas. */
  readonly width: number;
  readonly scrollTop: number;
}

export function laneHeight(laneCount: number): number {
  return laneCount <= 12 ? 26 : laneCount <= 40 ? 18 : 13;
}

/** Where the bars begin: the names of the workers are to their left. */
export function labelWidth({ width }: LanePicture): number {
  return width < 560 ? 62 : 104;
}

export function timeAt(picture: LanePicture, x: number): number {
  const { window, width } = picture;
  const left = labelWidth(picture);
  return window.fromMs + ((x - left) / Math.max(1, width - left)) * (window.toMs - window.fromMs);
}

/** The attempt whose bar is at a point; of several, the newest. */
export function attemptAt(picture: LanePicture, x: number, y: number): AttemptRow | undefined {
  const { index, window, atMs, width, scrollTop } = picture;
  if (y < AXIS_PIXELS) return undefined;
  const lane = Math.floor((y - AXIS_PIXELS + scrollTop) / laneHeight(index.count));
  const slackMs = (SLACK_PIXELS * (window.toMs - window.fromMs)) / Math.max(1, width);
  const ms = timeAt(picture, x);
  return index
    .attemptsIn(lane, window.fromMs, window.toMs, atMs)
    .filter((row) => row.startMs <= ms + slackMs && (row.endMs ?? atMs) >= ms - slackMs)
    .toArray()
    .at(-1);
}
