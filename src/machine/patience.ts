// Timeouts that count only the time in which this process itself runs: if it is stopped, or its machine sleeps, that does not
// count against the other side.

const LOOK_MS = 250;

export class Patience implements Disposable {
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #waitedMs = 0;
  #isPaused = false;
  #isOver = false;

  /** Calls `onEnd` once, if `refresh` is not called for `limitMs`; 0 or Infinity: never. */
  constructor(limitMs: number, onEnd: () => void) {
    this.#limitMs = limitMs === 0 ? Infinity : limitMs;
    this.#timer = setInterval(() => {
      if (this.#isPaused) return;
      // One interval, however long it really was: this process may have been stopped.
      this.#waitedMs += LOOK_MS;
      if (!this.#isUsedUp) return;
      // First read what is waiting in a pipe or a socket.
      setImmediate(() => {
        if (this.#isOver || this.#isPaused || !this.#isUsedUp) return;
        this[Symbol.dispose]();
        onEnd();
      });
    }, LOOK_MS);
  }

  /** There was a sign of life: the time begins anew. */
  refresh(): void {
    this.#waitedMs = 0;
  }

  /** Stops the clock until `goOn`: something else is being waited for. */
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

/** Aborts its signal with a TimeoutError, as `AbortSignal.timeout()` does, but counts only the time in which this process runs. */
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
