// Where nothing can be drawn again: the lines as they come, and every 10 s how the run stands, so that long work never is
// silent.

import { setInterval as every } from 'node:timers';

import { RunTime } from '../driver/loop/run-time.ts';
import { StatusBlock } from './status-block.ts';
import type { RunSummary } from '../view/summary.ts';
import type { Foot, RunStateNow } from './run-display.ts';

const EVERY_MS = 10_000;

export class StatusLines implements Foot {
  readonly observer: Foot['observer'];
  readonly tell: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  #state: RunStateNow | undefined;

  constructor(summary: RunSummary, say: (line: string) => void) {
    const time = new RunTime();
    let block: StatusBlock | undefined;
    this.tell = say;
    this.observer = {
      happened: (at, _event, _commands, state) => {
        time.heard(at);
        block ??= new StatusBlock(at);
        this.#state = state;
      },
    };
    this.#timer = every(() => {
      if (this.#state === undefined || block === undefined) return;
      say(block.lines(this.#state, summary.trouble, time.nowMs).join('\n'));
    }, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
