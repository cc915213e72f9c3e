// What stands at the foot of a terminal while a run goes on: a bar a phase, the workers, and what the run waits for.

import type { TaskKind } from '../task-ids.ts';
import type { RunState, WorkerSlot } from '../scheduler/state.ts';
import { Pace } from '../view/pace.ts';
import {
  paceTexts,
  type PhaseProgress,
  processText,
  progressOf,
  STATES,
  troubleText,
  workersText,
} from '../view/progress.ts';
import type { Trouble } from '../view/trouble.ts';
import { howText, silentMs, waitText } from '../view/waits.ts';
import { bytesText, countText } from '../view/numbers.ts';
import { worthShowing } from './worth-showing.ts';

/** How a terminal looks. Colours only repeat what the words say. */
export interface Look {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: { readonly full: string; readonly empty: string };
  readonly paint: (colour: Colour, text: string) => string;
}

type Colour = 'green' | 'cyan' | 'yellow' | 'dim';

export const BLOCKS = { full: '█', empty: '░' };
export const ASCII = { full: '#', empty: '.' };

/** The rows that are not workers, and a few that belong to what was said before. */
const OTHER_ROWS = 10;
const MOST_WORKERS = 8;
const WIDEST_BAR = 30;
/** `reduce  `, and room for `  100 of 200  55 %  20 s left  12.3 MB/s  2 running`. */
const BESIDE_BAR = 58;

/** A part of a row, with the space before it. */
type Piece = readonly [text: string, colour?: Colour];

export class Frame {
  readonly #paces = { map: new Pace(), reduce: new Pace() };

  /** The rows for a time, `address` in words the last: none is wider than the terminal, and there are not more than it shows. */
  rows(state: RunState, trouble: Trouble, address: string | undefined, nowMs: number, look: Look): string[] {
    const happened = troubleText(trouble, state.backups.started);
    const wait = waitText(state, nowMs);
    return [
      ...this.phaseRows(state, nowMs, look),
      row(look, [`workers ${workersText(state.workers)}`], ...spaced([happened, 'yellow'])),
      ...workerRows(state, nowMs, look),
      ...(wait === undefined ? [] : [row(look, [wait])]),
      ...(address === undefined ? [] : [row(look, [address])]),
    ];
  }

  /** The bars alone: what is left where a run has ended. */
  phaseRows(state: RunState, nowMs: number, look: Look): string[] {
    const count = state.tasks.map.length;
    const chunks = { done: state.areChunksWritten ? count : 0, whole: count };
    return [
      row(look, ['chunk   '], ...bar(chunks, look), [`  ${countText(chunks.done)} of ${countText(count)}`]),
      this.#phaseRow('map', state, nowMs, look),
      this.#phaseRow('reduce', state, nowMs, look),
    ];
  }

  #phaseRow(kind: TaskKind, state: RunState, nowMs: number, look: Look): string {
    const progress = progressOf(state.tasks[kind]);
    const pace = this.#paces[kind];
    const { total, running, completed, failed, done } = progress;
    const isNow = state.phase === kind && completed < total;
    if (isNow) pace.add(nowMs, done);
    const paces = isNow && running + completed > 0 ? paceTexts(progress, pace) : [];
    return row(
      look,
      [`${kind.padEnd(7)} `],
      ...bar(progress, look),
      [`  ${countText(completed)} of ${countText(total)}`],
      ...spaced([failed === 0 ? '' : `${countText(failed)} failed`, 'yellow']),
      ...spaced(...paces.map((text): Piece => [text, 'cyan'])),
      ...spaced([isNow && running > 0 ? `${countText(running)} running` : '', 'dim']),
    );
  }
}

function bar({ done, whole }: Pick<PhaseProgress, 'done' | 'whole'>, { columns, glyphs }: Look): Piece[] {
  const width = Math.max(5, Math.min(WIDEST_BAR, columns - BESIDE_BAR));
  const full = Math.floor((width * done) / whole);
  return [
    [glyphs.full.repeat(full), 'green'],
    [glyphs.empty.repeat(width - full), 'dim'],
  ];
}

function workerRows(state: RunState, nowMs: number, look: Look): string[] {
  const slots = [...state.workers.values()];
  const room = Math.min(MOST_WORKERS, look.rows - OTHER_ROWS);
  if (room <= 0) return [];
  const shown = worthShowing(slots, room, state, nowMs);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const others = slots.length - shown.length;
  return [
    ...shown.map((slot) => workerRow(slot, width, state, nowMs, look)),
    ...(others === 0 ? [] : [row(look, [`  and ${countText(others)} more`])]),
  ];
}

function workerRow(slot: WorkerSlot, width: number, state: RunState, nowMs: number, look: Look): string {
  const name = `  ${slot.name.padEnd(width)}  `;
  const pid: Piece = [processText(slot), 'dim'];
  const attempt = slot.attempt === undefined ? undefined : state.open.get(slot.attempt);
  if (attempt === undefined) return row(look, [`${name}${STATES[slot.state]}`], ...spaced(pid));
  const how = howText(attempt, silentMs(attempt, state, nowMs), nowMs);
  const colour = how.startsWith('running') ? 'dim' : 'yellow';
  return row(
    look,
    [`${name}${attempt.id}`],
    ...spaced([how, colour], [attempt.bytes === 0 ? '' : `${bytesText(attempt.bytes)} read`, 'dim'], pid),
  );
}

/** The pieces that say something, each after two spaces. */
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
