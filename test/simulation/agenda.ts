// Simulates time: runs entries in the order of their times. Entries of the same time run in the order in which they were added.

interface Entry {
  readonly at: number;
  readonly turn: number;
  readonly act: () => void;
}

export class Agenda {
  #now: number;
  #turns = 0;
  /** A binary heap: no entry comes later than its children, at twice its index plus one and plus two. */
  readonly #heap: Entry[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): number {
    return this.#now;
  }

  after(delayMs: number, act: () => void): void {
    this.#heap.push({ at: this.#now + delayMs, turn: this.#turns++, act });
    this.#rise(this.#heap.length - 1);
  }

  /** Runs the next entry. Returns false if there is no entry. */
  step(): boolean {
    const [first] = this.#heap;
    if (first === undefined) return false;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    this.#now = first.at;
    first.act();
    return true;
  }

  #rise(start: number): void {
    for (let place = start; place > 0;) {
      const parent = (place - 1) >> 1;
      if (!this.#swapped(parent, place)) return;
      place = parent;
    }
  }

  #sink(): void {
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && isBefore(this.#heap[right]!, this.#heap[left]!) ? right : left;
      if (!this.#swapped(place, child)) return;
      place = child;
    }
  }

  /** Swaps two entries if they are out of order. Returns false if they were in order. */
  #swapped(parent: number, child: number): boolean {
    const above = this.#heap[parent]!;
    const below = this.#heap[child]!;
    if (!isBefore(below, above)) return false;
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.turn < other.turn);
}
