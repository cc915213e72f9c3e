// Shows a run on a stream that cannot be redrawn: lines as they come, and a status block every 10 s, so that a long run never
// looks dead.

import { setInterval as every } from 'node:timers';

import { type RunDisplay, WatchedRun } from './run-display.ts';
import { statusBlock } from './status-block.ts';

const EVERY_MS = 10_000;

export class StatusLines implements RunDisplay {
  readonly observer: RunDisplay['observer'];
  readonly print: (line: string) => void;
  readonly #run = new WatchedRun();
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  constructor(print: (line: string) => void) {
    this.print = print;
    this.observer = this.#run.observer;
    this.#timer = every(() => void this.#show(), EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isOver = true;
  }

  async #show(): Promise<void> {
    await this.#run.open();
    const { moment } = this.#run;
    if (moment !== undefined && !this.#isOver) this.print(statusBlock(moment).join('\n'));
  }
}
