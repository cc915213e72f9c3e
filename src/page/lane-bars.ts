// Paints one attempt as a bar: its colour shows the kind of task, its pattern the outcome, and its shades the phases.

import { outcomeAt } from '../view/moment.ts';
import type { AttemptRow } from '../view/record.ts';
import type { Colours } from './colours.ts';
import { kindOf } from '../task-ids.ts';

/** Narrower bars have neither phases nor a pattern. */
const LEAST_DETAIL_PIXELS = 12;
type PhaseName = NonNullable<AttemptRow['phases']>[number][0];

/** The opacity of each phase: later phases are paler. The style sheet has the same values for the legend. */
const PHASE_ALPHAS: Readonly<Record<PhaseName, number>> = {
  read: 1,
  map: 0.8,
  sort: 0.6,
  fetch: 1,
  merge: 0.8,
  reduce: 0.6,
  write: 0.4,
};

export interface BarPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function paintBar(
  context: CanvasRenderingContext2D,
  row: AttemptRow,
  atMs: number,
  { x, y, width, height }: BarPlace,
  colours: Colours,
): void {
  const outcome = outcomeAt(row, atMs);
  const colour = colours[kindOf(row.task)];
  const isDetailed = width >= LEAST_DETAIL_PIXELS;
  if (outcome === 'won' || outcome === 'answered') paintPhases(context, row, { x, y, width, height }, colour);
  else if (outcome === 'running') paintAlpha(context, colour, 0.3, { x, y, width, height });
  else if (outcome === 'cancelled') paintAlpha(context, colours.muted, 0.35, { x, y, width, height });
  else paintAlpha(context, outcome === 'lost' ? colours.bad : colours.warn, 0.85, { x, y, width, height });
  if (!isDetailed) return;
  if (outcome === 'lost' || outcome === 'failed')
    paintHatch(context, colours.panel, { x, y, width, height }, outcome === 'lost');
  if (row.discardedMs !== undefined && row.discardedMs <= atMs)
    paintHatch(context, colours.panel, { x, y, width, height }, true);
  if (row.backup) paintFrame(context, colours.ink, { x, y, width, height }, [3, 2]);
  else if (outcome === 'running') paintFrame(context, colour, { x, y, width, height }, []);
  else if (outcome === 'cancelled') paintFrame(context, colours.muted, { x, y, width, height }, []);
}

function paintPhases(context: CanvasRenderingContext2D, row: AttemptRow, place: BarPlace, colour: string): void {
  const total = (row.phases ?? []).reduce((sum, [, ms]) => sum + ms, 0);
  if (place.width < LEAST_DETAIL_PIXELS || total === 0) return paintAlpha(context, colour, 1, place);
  let { x } = place;
  for (const [name, ms] of row.phases!) {
    const width = (ms / total) * place.width;
    paintAlpha(context, colour, PHASE_ALPHAS[name], { ...place, x, width });
    x += width;
  }
}

function paintAlpha(
  context: CanvasRenderingContext2D,
  colour: string,
  alpha: number,
  { x, y, width, height }: BarPlace,
): void {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
}

/** Rising lines mean lost, falling lines mean failed. */
function paintHatch(
  context: CanvasRenderingContext2D,
  colour: string,
  { x, y, width, height }: BarPlace,
  rises: boolean,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  const last = Math.min(width, 4000);
  for (let at = -height; at < last; at += 6) {
    context.moveTo(x + at, rises ? y + height : y);
    context.lineTo(x + at + height, rises ? y : y + height);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
}

function paintFrame(context: CanvasRenderingContext2D, colour: string, place: BarPlace, dash: number[]): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.strokeRect(place.x + 0.5, place.y + 0.5, Math.max(0, place.width - 1), place.height - 1);
  context.setLineDash([]);
}
