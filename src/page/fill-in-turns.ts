// Fills the slow parts of the page, one part per frame so that no frame takes long, and no more often than people can read.

import type { PageView, Part } from './page-view.ts';

export class InTurns {
  readonly #parts: readonly Part[];
  readonly #askFrame: () => void;
  #isStale = false;
  #next = 0;
  #begunMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `askFrame` must arrange for `fill` to be called in the next frame. */
  constructor(parts: readonly Part[], askFrame: () => void) {
    this.#parts = parts;
    this.#askFrame = askFrame;
  }

  /** There is something new: all parts must be filled, in this round or the next. */
  changed(): void {
    this.#isStale = true;
  }

  /** Fills the next part. A round begins if there is something new, at least `everyMs` after the round before. */
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
