// Shows live bars at the bottom of a terminal. Printed lines appear above them and stay.

import { setInterval as every } from 'node:timers';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

import type { createLogUpdate } from 'log-update';

import { printable } from '../view/printable.ts';
import { ASCII, BLOCKS, frameRows, type Look, phaseRows } from './frame.ts';
import { type RunDisplay, WatchedRun } from './run-display.ts';

/** Often enough to look alive. */
const EVERY_MS = 100;
/** With 100,000 tasks a frame takes long to make. Frames may use this share of a processor, but are drawn at least every two seconds. */
const MOST_SHARE = 0.02;
const LONGEST_WAIT_MS = 2000;

const LEAST_COLUMNS = 20;
const LEAST_ROWS = 8;

/** Whether the stream is a terminal on which lines can be drawn again, with somebody in front of it. */
export function canShowBars(stream: WriteStream): boolean {
  const { isTTY, columns, rows } = stream;
  // A terminal whose size was never set has none.
  return (
    isTTY && columns >= LEAST_COLUMNS && rows >= LEAST_ROWS && process.env['TERM'] !== 'dumb' && !process.env['CI']
  );
}

export class Bars implements RunDisplay {
  readonly observer: RunDisplay['observer'];
  readonly #stream: WriteStream;
  readonly #run = new WatchedRun();
  readonly #timer: NodeJS.Timeout;
  #isLoading = false;
  #isOver = false;
  #draw: ReturnType<typeof createLogUpdate> | undefined;
  #frame = '';
  /** When the next frame may be made, by `performance.now()`. */
  #nextMs = 0;
  #address: string | undefined;

  constructor(stream: WriteStream, hasDashboard: boolean) {
    this.#stream = stream;
    this.observer = {
      ...this.#run.observer,
      listening: (url) =>
        void (this.#address = hasDashboard ? `watch the run at ${url}/` : `the driver listens at ${url}`),
    };
    this.#timer = every(() => this.#refresh(), EVERY_MS);
  }

  /** Prints a line, unless the bars show the same. */
  readonly print = (line: string, isRoutine: boolean): void => {
    if (isRoutine) return;
    this.#draw?.clear();
    this.#stream.write(`${printable(line)}\n`);
    if (this.#frame !== '' && !this.#isOver) this.#draw?.(this.#frame);
  };

  /** Leaves the bars, without the rows that are out of date. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isOver = true;
    const { moment } = this.#run;
    if (this.#draw === undefined || moment === undefined) return;
    this.#draw(phaseRows(moment, this.#look()).join('\n'));
    this.#draw.done();
  }

  #refresh(): void {
    void this.#load();
    if (this.#draw === undefined || performance.now() < this.#nextMs) return;
    const before = process.cpuUsage();
    const { moment } = this.#run;
    if (moment === undefined) return;
    this.#frame = frameRows(moment, this.#address, this.#look()).join('\n');
    this.#draw(this.#frame);
    const { user, system } = process.cpuUsage(before);
    this.#nextMs = performance.now() + Math.min((user + system) / 1000 / MOST_SHARE, LONGEST_WAIT_MS);
  }

  /** Called only when the workers have been spawned. A short run, or a run in a pipe, needs none of this. */
  async #load(): Promise<void> {
    void this.#run.open();
    if (this.#isLoading) return;
    this.#isLoading = true;
    const { createLogUpdate } = await import('log-update');
    this.#draw = createLogUpdate(this.#stream);
  }

  #look(): Look {
    const { columns, rows } = this.#stream;
    return {
      columns,
      rows,
      // The Linux console has few characters.
      glyphs: process.env['TERM'] === 'linux' ? ASCII : BLOCKS,
      // Follows NO_COLOR and FORCE_COLOR.
      paint: (colour, text) => styleText(colour, text, { stream: this.#stream }),
    };
  }
}
