// What a worker says of its progress, at most once per second, whatever it sends: each of it is a line in the journal.

import { HEARTBEAT_MS } from '../../protocol.ts';

export class PacedProgress<Progress> {
  readonly #pass: (progress: Progress) => void;
  #latest: Progress | undefined;
  #passedMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(pass: (progress: Progress) => void) {
    this.#pass = pass;
  }

  /** Passes it on, now or when a second is over; then the last that was said. */
  take(progress: Progress): void {
    this.#latest = progress;
    if (this.#timer !== undefined) return;
    const restMs = this.#passedMs + HEARTBEAT_MS - performance.now();
    if (restMs <= 0) this.#passLatest();
    else this.#timer = setTimeout(() => this.#passLatest(), restMs).unref();
  }

  /** What has not been passed on is of no use any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #passLatest(): void {
    this.#timer = undefined;
    this.#passedMs = performance.now();
    if (this.#latest !== undefined) this.#pass(this.#latest);
  }
}
