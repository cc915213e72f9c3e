// A view of bytes: how a job sees records and gives keys without making a string of each.

/**
 * The bytes `[start, end)` of a buffer, to be read and not to be written. One object may serve one view after another, as
 * what it comes from says: what is to be kept is kept with `toString()`.
 */
export class Bytes {
  buffer: Buffer;
  start: number;
  end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** The text, decoded from UTF-8. */
  toString(): string {
    return this.buffer.toString('utf8', this.start, this.end);
  }
}

/** What a job may emit as a key: a string, or bytes, which are taken as the string's UTF-8. */
export type Key = string | Bytes;
