// Paints the lanes that are in sight, with their time axis.

import { printable, shortened } from '../view/printable.ts';
import { type Colours, colours } from './colours.ts';
import { paintBar } from './lane-bars.ts';
import { AXIS_PIXELS, labelWidth, laneHeight, type LanePicture } from './lane-picture.ts';

/** Marks of the axis are at least this far apart. */
const LEAST_MARK_PIXELS = 80;
/** About the width of a character in the names of workers. */
const CHARACTER_PIXELS = 6;

export function paintLanes(context: CanvasRenderingContext2D, picture: LanePicture, height: number): void {
  const { index, width, scrollTop } = picture;
  const left = labelWidth(picture);
  const rowHeight = laneHeight(index.count);
  const shades = colours();
  paintAxis(context, picture, height, shades);
  const first = Math.floor(scrollTop / rowHeight);
  const last = Math.min(index.count, Math.ceil((scrollTop + height) / rowHeight));
  context.save();
  context.beginPath();
  context.rect(0, AXIS_PIXELS, width, height - AXIS_PIXELS);
  context.clip();
  context.font = `${Math.min(12, rowHeight - 2)}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  for (let lane = first; lane < last; lane++) {
    const y = AXIS_PIXELS + lane * rowHeight - scrollTop;
    const name = printable(shortened(index.nameOf(lane), Math.floor(left / CHARACTER_PIXELS)));
    context.fillStyle = shades.muted;
    context.fillText(name, 4, y + rowHeight / 2, left - 8);
    paintLane(context, picture, lane, y, shades);
  }
  context.restore();
}

function paintLane(
  context: CanvasRenderingContext2D,
  picture: LanePicture,
  lane: number,
  y: number,
  shades: Colours,
): void {
  const { index, window, atMs, width } = picture;
  const left = labelWidth(picture);
  const rowHeight = laneHeight(index.count);
  const scale = (width - left) / (window.toMs - window.fromMs);
  const height = rowHeight - (rowHeight > 16 ? 6 : 3);
  const top = y + (rowHeight - height) / 2;
  context.fillStyle = shades.track;
  context.fillRect(left, top, width - left, height);
  context.save();
  context.beginPath();
  context.rect(left, top, width - left, height);
  context.clip();
  let paintedTo = -1;
  for (const row of index.attemptsIn(lane, window.fromMs, window.toMs, atMs)) {
    const x = left + (row.startMs - window.fromMs) * scale;
    const end = left + (Math.min(row.endMs ?? atMs, atMs) - window.fromMs) * scale;
    const barWidth = Math.max(1, end - x - (end - x > 3 ? 1 : 0));
    // Bars on the same pixel are painted as one, unless something went wrong there.
    if (x + barWidth < paintedTo + 1 && (row.outcome === 'won' || row.outcome === 'running')) continue;
    paintBar(context, row, atMs, { x, y: top, width: barWidth, height }, shades);
    paintedTo = x + barWidth;
  }
  context.restore();
}

function paintAxis(context: CanvasRenderingContext2D, picture: LanePicture, height: number, shades: Colours): void {
  const { window, width } = picture;
  const { fromMs, toMs } = window;
  const left = labelWidth(picture);
  const scale = (width - left) / (toMs - fromMs);
  const stepMs = window.stepMs(width - left, LEAST_MARK_PIXELS);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (let ms = Math.ceil(Math.max(0, fromMs) / stepMs) * stepMs; ms <= toMs; ms += stepMs) {
    const x = Math.round(left + (ms - fromMs) * scale) + 0.5;
    context.strokeStyle = shades.line;
    context.beginPath();
    context.moveTo(x, AXIS_PIXELS - 4);
    context.lineTo(x, height);
    context.stroke();
    context.fillStyle = shades.muted;
    if (x < width - 36) context.fillText(markText(ms, stepMs), x + 3, AXIS_PIXELS / 2);
  }
}

function markText(ms: number, stepMs: number): string {
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  return `${(ms / 1000).toFixed(digits)} s`;
}
