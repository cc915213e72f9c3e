// Whether a table of keys is worth its cost: that shows once many pairs have come.

/** The table is judged when this many pairs have come. */
const TRIAL_PAIRS = 1 << 17;
/** It pays where at least this share of them has found its key there. */
const WORTHWHILE_SHARE = 0.25;

export class TableTrial {
  #added = 0;
  #isOver = false;

  begin(): void {
    this.#added = 0;
    this.#isOver = false;
  }

  /** Notes that pairs have come, of which there are `distinct` keys so far. Answers true, once, where the table does not pay. */
  fails(added: number, distinct: number): boolean {
    this.#added += added;
    if (this.#added < TRIAL_PAIRS || this.#isOver) return false;
    this.#isOver = true;
    return distinct > this.#added * (1 - WORTHWHILE_SHARE);
  }
}
