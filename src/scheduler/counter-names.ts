// The names of a run's counters. Their number is limited, because each is stored, sent and displayed: counters are for a few
// things, and keys of the output for many.

import type { AttemptFailure, AttemptReport } from '../protocol.ts';

/** As many as one attempt may have. */
export const MOST_NAMES = 1000;

export class CounterNames {
  readonly #names = new Set<string>();

  /** Adds the counters of an attempt. Returns its failure if the run has too many names with them. */
  add({ counters }: AttemptReport): AttemptFailure | undefined {
    const added = counters.filter(([name]) => !this.#names.has(name));
    if (this.#names.size + added.length <= MOST_NAMES) {
      for (const [name] of added) this.#names.add(name);
      return undefined;
    }
    const message =
      `expected at most ${MOST_NAMES.toLocaleString('en')} counters in a run, found more, such as ` +
      `${JSON.stringify(added[0]![0])}; emit such names as pairs instead`;
    return { kind: 'job', message };
  }
}
