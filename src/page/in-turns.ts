// Fills parts of the page one a frame, so that no frame is long, and all of them not more often than people read.

import type { PageView, Part } from './view.ts';

export class InTurns {
  readonly #parts: readonly Part[];
  readonly #askFrame: () => void;
  #isStale = false;
  #next = 0;
  #begunMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `askFrame` makes that `fill` is called with the next frame. */
  constructor(parts: readonly Part[], askFrame: () => void) {
    this.#parts = parts;
    this.#askFrame = askFrame;
  }

  /** There is something new: all parts are to be filled, in this round or the next. */
  changed(): void {
    this.#isStale = true;
  }

  /** Fills the part whose turn it is. A round begins where something is new, `everyMs` after the one before. */
  fill(view: PageView, everyMs: number): void {
    if (this.#next === 0 && !this.#begin(everyMs)) return;
    this.#parts[this.#next]!.update(view);
    this.#next = (this.#next + 1) % this.#parts.length;
    if (this.#next > 0 || this.#isStale) this.#askFrame();
  }

  #begin(everyMs: number): boolean {
    if (!this.#isStale) return false;
    const restMs = this.#begunMs + everyMs - performance.now();
    clearTimeout(this.#timer);
    if (restMs > 0) {
      this.#timer = setTimeout(this.#askFrame, restMs);
      return false;
    }
    this.#begunMs = performance.now();
    this.#isStale = false;
    return true;
  }
}
