// What an input format is: a way to cut a file on record boundaries, and a cursor that turns its bytes into records.

/** The source of bytes that a boundary is looked for in: `size` bytes, read by position. */
export interface RandomAccess {
  readonly size: number;
  /** Fills `target` from `position` on and answers the number of bytes read; 0 at the end. */
  read(target: Uint8Array, position: number): number;
}

/**
 * Reads records out of blocks of bytes. Feed a block, take records while `next()` is true, feed the next one;
 * `finish()` after the last block makes an unfinished record at the end available.
 */
export interface RecordCursor<R> {
  /** The record that the last `next()` found. */
  readonly record: R;
  /** Where that record begins in its file, in bytes. */
  readonly offset: number;
  /** The block's memory is used again once `next()` has answered false: copy what is kept of it. */
  feed(block: Buffer): void;
  finish(): void;
  next(): boolean;
  /** The byte offset in the file of UTF-16 code unit `index` of the current record, where records are text. */
  offsetAt(index: number): number;
}

/** How the bytes of a file become records of type `R`. */
export interface InputFormat<R> {
  readonly name: string;
  /** Whether a file may be cut into several slices. */
  readonly splittable: boolean;
  /** Whether records are lines of text. A file that is no text, such as an archive, is refused then before the run. */
  readonly isText?: boolean;
  /** The first record boundary at or after `position` (a byte offset); the size of the file where there is none. */
  boundary(file: RandomAccess, position: number): number;
  /** A cursor for the slice of `file` that begins at byte `start`. */
  open(file: string, start: number): RecordCursor<R>;
}
