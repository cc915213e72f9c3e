// A view of bytes: how a job sees records and gives keys without making a string of each.

/**
 * The bytes `[start, end)` of a buffer, to be read and not to be written. Those of a record are there while map has the
 * record: what is to be kept longer is kept with `toString()`.
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

  /**
   * The text, decoded from UTF-8.
   * @throws TypeError if the bytes were those of a record, and are others now
   */
  toString(): string {
    checkAlive(this);
    return this.buffer.toString('utf8', this.start, this.end);
  }
}

/** What a job may emit as a key: a string, or bytes, which are taken as the string's UTF-8. */
export type Key = string | Bytes;

/** Buffers whose memory has other bytes now than those they were made for. */
const reused = new WeakSet<Buffer>();
/** Parts of a buffer that share its fate. */
const parts = new WeakMap<Buffer, Buffer[]>();
/** A buffer that is not among the reused: to ask for most would take longer than to decode them. */
let lastAlive: Buffer | undefined;

/** @throws TypeError if the memory that the bytes are in has been used for something else */
export function checkAlive({ buffer }: Bytes): void {
  if (buffer === lastAlive) return;
  if (reused.has(buffer)) {
    throw new TypeError(
      'Bytes were kept beyond their record: its block of input is gone, and others are in its place; ' +
        'what is to be kept is kept with toString()',
    );
  }
  lastAlive = buffer;
}

/** A part of a buffer that lasts no longer than that. */
export function partOf(buffer: Buffer, start: number, end?: number): Buffer {
  const part = buffer.subarray(start, end);
  const known = parts.get(buffer);
  if (known === undefined) parts.set(buffer, [part]);
  else known.push(part);
  return part;
}

/** The memory of a buffer is about to be used for something else. */
export function noteReuse(buffer: Buffer): void {
  lastAlive = undefined;
  reused.add(buffer);
  for (const part of parts.get(buffer) ?? []) reused.add(part);
}
