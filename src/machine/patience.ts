// Waits for a sign of life, for a time in which this process itself runs: if it is stopped, or its machine sleeps, that does not
// count against whom it waits for.

const LOOK_MS = 250;

export class Patience implements Disposable {
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #waitedMs = 0;
  #isPaused = false;
  #isOver = false;

  /** Calls `onEnd` once, if nothing has been heard for `limitMs`; 0 or Infinity is for ever. */
  constructor(limitMs: number, onEnd: () => void) {
    this.#limitMs = limitMs === 0 ? Infinity : limitMs;
    this.#timer = setInterval(() => {
      if (this.#isPaused) return;
      // However long it is since the last look, this process may have been absent.
      this.#waitedMs += LOOK_MS;
      if (!this.#isUsedUp) return;
      // What waits in a pipe or a socket is heard first.
      setImmediate(() => {
        if (this.#isOver || this.#isPaused || !this.#isUsedUp) return;
        this[Symbol.dispose]();
        onEnd();
      });
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
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  get #isUsedUp(): boolean {
    return this.#waitedMs >= this.#limitMs;
  }
}

/** Aborts its signal with a TimeoutError, as `AbortSignal.timeout()` does, after a time in which this process itself runs. */
export class Deadline implements Disposable {
  readonly #late = new AbortController();
  readonly #patience: Patience;

  constructor(limitMs: number) {
    const reason = new DOMException(`no answer within ${limitMs / 1000} s`, 'TimeoutError');
    this.#patience = new Patience(limitMs, () => this.#late.abort(reason));
  }

  get signal(): AbortSignal {
    return this.#late.signal;
  }

  [Symbol.dispose](): void {
    this.#patience[Symbol.dispose]();
  }
}
