// Passes on the progress of a worker at most once per second, however often the worker sends it: each is a line in the journal.

import { HEARTBEAT_MS } from '../../protocol.ts';

export class PacedProgress<Progress> {
  readonly #pass: (progress: Progress) => void;
  #latest: Progress | undefined;
  #passedMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(pass: (progress: Progress) => void) {
    this.#pass = pass;
  }

  /** Passes progress on, at once or when the second is over. Of several in one second, the last one counts. */
  take(progress: Progress): void {
    this.#latest = progress;
    if (this.#timer !== undefined) return;
    const restMs = this.#passedMs + HEARTBEAT_MS - performance.now();
    if (restMs <= 0) this.#passLatest();
    else this.#timer = setTimeout(() => this.#passLatest(), restMs).unref();
  }

  /** Drops what has not been passed on: it is of no use any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #passLatest(): void {
    this.#timer = undefined;
    this.#passedMs = performance.now();
    if (this.#latest !== undefined) this.#pass(this.#latest);
  }
}
