// Judges whether a table of keys is worth its cost, once many pairs have come.

/** The table is judged after this many pairs. */
const TRIAL_PAIRS = 1 << 17;
/** The table pays if at least this share of them found their key in it. */
const WORTHWHILE_SHARE = 0.25;

export class TableTrial {
  #added = 0;
  #isOver = false;

  begin(): void {
    this.#added = 0;
    this.#isOver = false;
  }

  /** Takes note of `added` more pairs; all pairs so far have `distinct` keys. Returns true, once, if the table does not pay. */
  fails(added: number, distinct: number): boolean {
    this.#added += added;
    if (this.#added < TRIAL_PAIRS || this.#isOver) return false;
    this.#isOver = true;
    return distinct > this.#added * (1 - WORTHWHILE_SHARE);
  }
}
