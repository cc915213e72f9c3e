// How fast something goes, over the last seconds, and so how long the rest of it takes.

/** Workers report once a second: a shorter look back would see steps, not a pace. */
const LOOK_BACK_MS = 8000;
/** Before that nothing is foretold. */
const LEAST_MS = 1000;

export class Pace {
  readonly #samples: { readonly atMs: number; readonly done: number }[] = [];

  /** Takes down how much is done at a time. */
  add(atMs: number, done: number): void {
    // An attempt was lost, and what it had done with it: what was seen before says nothing.
    if (done < (this.#samples.at(-1)?.done ?? 0)) this.#samples.length = 0;
    this.#samples.push({ atMs, done });
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= atMs - LOOK_BACK_MS) this.#samples.shift();
  }

  /** How much is done a second, undefined where nothing can be said yet. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < LEAST_MS) return undefined;
    const perSecond = ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
    return perSecond > 0 ? perSecond : undefined;
  }

  /** How many milliseconds the rest takes at this pace. */
  remainingMs(rest: number): number | undefined {
    const { perSecond } = this;
    return perSecond === undefined ? undefined : (rest * 1000) / perSecond;
  }
}
