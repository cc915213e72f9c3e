// The time in a run: that of its last event plus the time since then, by a clock that cannot be set. The events of a resumed run
// may be later than the clock of the system shows.

export class RunTime {
  #eventAt = nowMs();
  #heardMs = performance.now();

  /** An event has happened at this time, in milliseconds since 1970. */
  heard(at: number): void {
    this.#eventAt = at;
    this.#heardMs = performance.now();
  }

  get nowMs(): number {
    return Math.round(this.#eventAt + performance.now() - this.#heardMs);
  }
}

/** Milliseconds since 1970: the system time when this process began, and from then on by a clock that cannot be set. */
export function nowMs(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
