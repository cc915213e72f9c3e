// Wraps a record cursor and skips some of its records.

import type { RecordCursor } from '../formats/format.ts';

/** The records for which `choose` returns true. `choose` gets the byte offset of a record before the record is run. */
export class ChosenRecords implements RecordCursor<unknown> {
  readonly #cursor: RecordCursor<unknown>;
  readonly #choose: (offset: number) => boolean;

  constructor(cursor: RecordCursor<unknown>, choose: (offset: number) => boolean) {
    this.#cursor = cursor;
    this.#choose = choose;
  }

  get record(): unknown {
    return this.#cursor.record;
  }
  get offset(): number {
    return this.#cursor.offset;
  }

  feed(block: Buffer): void {
    this.#cursor.feed(block);
  }

  finish(): void {
    this.#cursor.finish();
  }

  next(): boolean {
    while (this.#cursor.next()) if (this.#choose(this.#cursor.offset)) return true;
    return false;
  }

  offsetAt(index: number): number {
    return this.#cursor.offsetAt(index);
  }
}
