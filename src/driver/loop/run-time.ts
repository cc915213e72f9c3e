// What time it is in a run: that of its last event, and what has passed since by a clock that nobody sets. Events of a run
// that a driver goes on with may be of a later time than the clock of the system shows.

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

/** Milliseconds since 1970 as they were when this process began, and from then on by a clock that nobody sets. */
export function nowMs(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
