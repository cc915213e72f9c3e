// The names of a run's counters. There is a limit, because each is kept, told and shown: a counter is for a few things that
// are worth counting, and a key of the output for the many.

import type { AttemptFailure, AttemptReport } from '../protocol.ts';

/** As many as one attempt may have. */
export const MOST_NAMES = 1000;

export class CounterNames {
  readonly #names = new Set<string>();

  /** Takes in what an attempt has counted. Returns the failure that this is, if the run has too many names with it. */
  add({ counters }: AttemptReport): AttemptFailure | undefined {
    const added = counters.filter(([name]) => !this.#names.has(name));
    if (this.#names.size + added.length <= MOST_NAMES) {
      for (const [name] of added) this.#names.add(name);
      return undefined;
    }
    const message =
      `expected at most ${MOST_NAMES.toLocaleString('en')} counters in a run, found more, such as ` +
      `${JSON.stringify(added[0]![0])}; emit what there is so much of as pairs`;
    return { kind: 'job', message };
  }
}
