// Defines what an input format is: a way to cut a file at record boundaries, and a cursor that turns its bytes into records.

/** The bytes in which a record boundary is looked for: `size` bytes, read by position. */
export interface RandomAccess {
  readonly size: number;
  /** Reads bytes from `position` on into `target`. Returns the number of bytes read; 0 at the end. */
  read(target: Uint8Array, position: number): number;
}

/**
 * Finds records in blocks of bytes. Feed a block, take records while `next()` returns true, feed the next block. After the last block,
 * `finish()` makes an unfinished record at the end available.
 */
export interface RecordCursor<R> {
  /** The record that the last `next()` has found. */
  readonly record: R;
  /** The byte offset of that record in its file. */
  readonly offset: number;
  /** Takes the next block. Its memory is used again once `next()` has returned false: copy what you keep of it. */
  feed(block: Buffer): void;
  finish(): void;
  next(): boolean;
  /** The byte offset in the file of UTF-16 code unit `index` of the current record, if records are text. */
  offsetAt(index: number): number;
}

/** How the bytes of a file become records of type `R`. */
export interface InputFormat<R> {
  readonly name: string;
  /** Whether a file may be cut into several slices. */
  readonly splittable: boolean;
  /** Whether records are lines of text. If so, files that are not text, such as archives, are refused before the run. */
  readonly isText?: boolean;
  /** The first record boundary at or after `position`, a byte offset; the size of the file if there is none. */
  boundary(file: RandomAccess, position: number): number;
  /** Makes a cursor for the slice of `file` that begins at byte `start`. */
  open(file: string, start: number): RecordCursor<R>;
}
