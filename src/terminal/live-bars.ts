// Live bars at the foot of a terminal: what is told appears above them and stays.

import { setInterval as every } from 'node:timers';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

import type { createLogUpdate } from 'log-update';

import { RunTime } from '../driver/loop/run-time.ts';
import { ASCII, BLOCKS, Frame, type Look } from './frame.ts';
import { printable } from '../view/printable.ts';
import type { RunSummary } from '../view/summary.ts';
import type { Foot, RunStateNow } from './run-display.ts';

/** Often enough to look alive, and seldom enough to cost nothing. */
const EVERY_MS = 100;

const LEAST_COLUMNS = 20;
const LEAST_ROWS = 8;

/** Whether the stream is a terminal on which lines can be drawn again, with somebody before it. */
export function canShowBars(stream: WriteStream): boolean {
  const { isTTY, columns, rows } = stream;
  // A terminal that nobody has told its size has none.
  return (
    isTTY && columns >= LEAST_COLUMNS && rows >= LEAST_ROWS && process.env['TERM'] !== 'dumb' && !process.env['CI']
  );
}

export class Bars implements Foot {
  readonly observer: Foot['observer'];
  readonly #stream: WriteStream;
  readonly #summary: RunSummary;
  readonly #frame = new Frame();
  readonly #timer: NodeJS.Timeout;
  #isLoading = false;
  #draw: ReturnType<typeof createLogUpdate> | undefined;
  #state: RunStateNow | undefined;
  readonly #time = new RunTime();
  #address: string | undefined;

  constructor(stream: WriteStream, summary: RunSummary, hasDashboard: boolean) {
    this.#stream = stream;
    this.#summary = summary;
    this.observer = {
      happened: (at, _event, _commands, state) => {
        this.#time.heard(at);
        this.#state = state;
      },
      listening: (url) =>
        void (this.#address = hasDashboard ? `watch the run at ${url}/` : `the driver listens at ${url}`),
    };
    this.#timer = every(() => this.#refresh(), EVERY_MS);
  }

  /** What the bars show need not be said. */
  readonly tell = (line: string, isRoutine: boolean): void => {
    if (isRoutine) return;
    this.#draw?.clear();
    this.#stream.write(`${printable(line)}\n`);
    if (this.#draw !== undefined) this.#refresh();
  };

  /** Leaves the bars as they are, without what is over. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#draw === undefined || this.#state === undefined) return;
    this.#draw(this.#frame.phaseRows(this.#state, this.#time.nowMs, this.#look()).join('\n'));
    this.#draw.done();
    this.#state = undefined;
  }

  #refresh(): void {
    if (this.#draw === undefined) this.#open();
    else if (this.#state !== undefined)
      this.#draw(
        this.#frame.rows(this.#state, this.#summary.trouble, this.#address, this.#time.nowMs, this.#look()).join('\n'),
      );
  }

  /** Loaded now, when the workers have been spawned: a run in a pipe never needs it. */
  #open(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    void import('log-update').then(({ createLogUpdate }) => (this.#draw = createLogUpdate(this.#stream)));
  }

  #look(): Look {
    const { columns, rows } = this.#stream;
    return {
      columns,
      rows,
      // The console of Linux has few characters.
      glyphs: process.env['TERM'] === 'linux' ? ASCII : BLOCKS,
      // Follows NO_COLOR and FORCE_COLOR.
      paint: (colour, text) => styleText(colour, text, { stream: this.#stream }),
    };
  }
}
