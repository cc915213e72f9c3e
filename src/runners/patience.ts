// Waits for a sign of life, for a time in which this process itself runs: where it is stopped, or its machine sleeps, that does not
// count against whom it waits for.

const LOOK_MS = 250;

export class Patience implements Disposable {
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #waitedMs = 0;
  #isPaused = false;

  /** Calls `onEnd` once nothing has been heard for `limitMs`; 0 is for ever. */
  constructor(limitMs: number, onEnd: () => void) {
    this.#limitMs = limitMs;
    this.#timer = setInterval(() => {
      if (this.#isPaused || this.#limitMs === 0) return;
      this.#waitedMs += LOOK_MS;
      if (this.#waitedMs >= this.#limitMs) onEnd();
    }, LOOK_MS);
  }

  /** Something was heard. */
  refresh(): void {
    this.#waitedMs = 0;
  }

  /** Waiting is for somebody else now. */
  pause(): void {
    this.#isPaused = true;
  }

  goOn(): void {
    this.#isPaused = false;
    this.refresh();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
