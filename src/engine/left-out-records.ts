// Leaves out records in a sequential run: those that the run it is compared with has skipped.

import { UsageError } from '../errors.ts';
import type { RecordCursor } from '../formats/format.ts';
import { ChosenRecords } from '../tasks/chosen-records.ts';

export interface RecordPlace {
  readonly file: string;
  readonly offset: number;
}

/** The records to leave out of one file. */
export class LeftOutRecords {
  readonly #file: string;
  readonly #format: string;
  /** The byte offsets of the records that have not come yet. */
  readonly #left: Set<number>;

  constructor(file: string, format: string, places: readonly RecordPlace[]) {
    this.#file = file;
    this.#format = format;
    this.#left = new Set(places.filter((place) => place.file === file).map(({ offset }) => offset));
    const [first] = this.#left;
    // Another record may begin at the same byte and end elsewhere.
    if (format === 'byteBlocks' && first !== undefined) throw this.#refused(first);
  }

  /** Returns a cursor over the other records. It calls `onLeftOut` for each record that it leaves out. */
  without(cursor: RecordCursor<unknown>, onLeftOut: () => void): RecordCursor<unknown> {
    if (this.#left.size === 0) return cursor;
    return new ChosenRecords(cursor, (offset) => {
      const isLeftOut = this.#left.delete(offset);
      if (isLeftOut) onLeftOut();
      return !isLeftOut;
    });
  }

  /** @throws UsageError if all records have come, but one that was to be left out has not. */
  check(): void {
    const [missing] = this.#left;
    if (missing !== undefined) throw this.#refused(missing);
  }

  #refused(offset: number): UsageError {
    return new UsageError(
      `the run skipped the record at byte ${offset} of ${this.#file}, and a sequential run cannot skip the same one: records of ` +
        `${this.#format} depend on how the input is cut; use --verify without --skip-bad-records, or a format such as lines()`,
    );
  }
}
