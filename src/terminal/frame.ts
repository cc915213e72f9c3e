// Draws the bottom of a terminal during a run: one bar per phase, the workers, and what the run waits for.

import { healthText, isInTrouble } from '../view/attempt-health.ts';
import type { Moment, WorkerMoment } from '../view/moment.ts';
import { bytesText, countText } from '../view/numbers.ts';
import { printableLine } from '../view/printable.ts';
import { waitingText } from '../view/waiting.ts';
import { processText, WORKER_STATES, workersText, workerState } from '../view/worker-text.ts';
import { chooseWorkers } from './choose-workers.ts';
import { incidentsText, paceTexts } from './moment-texts.ts';

/** What a terminal looks like. Colours only repeat what the words say. */
export interface Look {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: { readonly full: string; readonly empty: string };
  readonly paint: (colour: Colour, text: string) => string;
}

type Colour = 'green' | 'cyan' | 'yellow' | 'dim';

export const BLOCKS = { full: '█', empty: '░' };
export const ASCII = { full: '#', empty: '.' };

/** The rows that are not for workers, and a few for what was printed before. */
const OTHER_ROWS = 10;
const MOST_WORKERS = 8;
const WIDEST_BAR = 30;
/** `reduce  `, and room for `  100 of 200  55 %  20.0 s left  12.3 MB/s  2 running`. */
const BESIDE_BAR = 58;

/** A part of a row, including the space before it. */
type Piece = readonly [text: string, colour?: Colour];

/** The rows of a frame, `address` being the last one. They fit into the terminal, in width and in number. */
export function frameRows(moment: Moment, address: string | undefined, look: Look): string[] {
  return [
    ...phaseRows(moment, look),
    row(look, [`workers ${workersText(moment.workers)}`], ...spaced([incidentsText(moment), 'yellow'])),
    ...workerRows(moment, look),
    row(look, [printableLine(waitingText(moment))]),
    ...(address === undefined ? [] : [row(look, [address])]),
  ];
}

/** The bars alone: what is left of the frame when the run has ended. */
export function phaseRows(moment: Moment, look: Look): string[] {
  const count = moment.phases.map.taskCount;
  const written = moment.chunksWritten ? count : 0;
  return [
    row(look, ['chunk   '], ...bar(written / count, look), [`  ${countText(written)} of ${countText(count)}`]),
    phaseRow('map', moment, look),
    phaseRow('reduce', moment, look),
  ];
}

function phaseRow(kind: 'map' | 'reduce', moment: Moment, look: Look): string {
  const { taskCount, running, committed, failed, share } = moment.phases[kind];
  const isNow = moment.phase === kind && committed < taskCount;
  const paces = isNow && running + committed > 0 ? paceTexts(moment, kind) : [];
  return row(
    look,
    [`${kind.padEnd(7)} `],
    ...bar(share, look),
    [`  ${countText(committed)} of ${countText(taskCount)}`],
    ...spaced([failed === 0 ? '' : `${countText(failed)} failed`, 'yellow']),
    ...spaced(...paces.map((text): Piece => [text, 'cyan'])),
    ...spaced([isNow && running > 0 ? `${countText(running)} running` : '', 'dim']),
  );
}

function bar(share: number, { columns, glyphs }: Look): Piece[] {
  const width = Math.max(5, Math.min(WIDEST_BAR, columns - BESIDE_BAR));
  const full = Math.floor(width * share);
  return [
    [glyphs.full.repeat(full), 'green'],
    [glyphs.empty.repeat(width - full), 'dim'],
  ];
}

function workerRows(moment: Moment, look: Look): string[] {
  const room = Math.min(MOST_WORKERS, look.rows - OTHER_ROWS);
  if (room <= 0) return [];
  const shown = chooseWorkers(moment, room);
  const width = Math.max(...shown.map(({ row: { name } }) => name.length));
  const others = moment.workers.length - shown.length;
  return [
    ...shown.map((worker) => workerRow(worker, width, moment, look)),
    ...(others === 0 ? [] : [row(look, [`  and ${countText(others)} more`])]),
  ];
}

function workerRow(worker: WorkerMoment, width: number, moment: Moment, look: Look): string {
  const { attempt } = worker;
  const name = `  ${worker.row.name.padEnd(width)}  `;
  const process: Piece = [processText(worker), 'dim'];
  if (attempt === undefined) return row(look, [`${name}${WORKER_STATES[workerState(worker)]}`], ...spaced(process));
  return row(
    look,
    [`${name}${attempt.id}`],
    ...spaced(
      [healthText(moment, attempt), isInTrouble(moment, attempt) ? 'yellow' : 'dim'],
      [attempt.bytes === 0 ? '' : bytesText(attempt.bytes), 'dim'],
      process,
    ),
  );
}

/** The pieces that are not empty, each after two spaces. */
function spaced(...pieces: readonly Piece[]): Piece[] {
  return pieces.filter(([text]) => text !== '').map(([text, colour]) => [`  ${text}`, colour] as Piece);
}

/** A row of as many pieces as there is room for. All characters are one column wide: names and tasks are letters. */
function row({ columns, paint }: Look, ...pieces: readonly Piece[]): string {
  // One column stays free: some terminals wrap a line that fills them.
  let room = columns - 1;
  let painted = '';
  for (const [index, [text, colour]] of pieces.entries()) {
    if (index > 0 && text.length > room) break;
    const cut = text.slice(0, room);
    painted += colour === undefined ? cut : paint(colour, cut);
    room -= cut.length;
  }
  return painted;
}
