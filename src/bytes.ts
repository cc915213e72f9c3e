// Views of bytes: they give a job its records, and take its keys, without making a string of each.

/**
 * The bytes `[start, end)` of a buffer, to be read and not to be written. The bytes of a record are valid while map has the
 * record: use `toString()` to keep them longer.
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
   * @throws TypeError if the bytes were those of a record and have been overwritten
   */
  toString(): string {
    checkAlive(this);
    return this.buffer.toString('utf8', this.start, this.end);
  }
}

/** What a job may emit as a key: a string, or bytes, which are taken as the UTF-8 of a string. */
export type Key = string | Bytes;

/** Buffers whose memory has been used for other bytes since they were made. */
const reused = new WeakSet<Buffer>();
/** The parts of a buffer, which become invalid with it. */
const parts = new WeakMap<Buffer, Buffer[]>();
/** A buffer that is not among the reused ones: looking every one up would take longer than decoding it. */
let lastAlive: Buffer | undefined;

/** Checks that bytes are still there. @throws TypeError if their memory has been used for something else */
export function checkAlive({ buffer }: Bytes): void {
  if (buffer === lastAlive) return;
  if (reused.has(buffer)) {
    throw new TypeError(
      'Bytes were kept beyond their record: its block of input is gone, and others are in its place; ' +
        'use toString() to keep them',
    );
  }
  lastAlive = buffer;
}

/** A part of a buffer that becomes invalid with it. */
export function partOf(buffer: Buffer, start: number, end?: number): Buffer {
  const part = buffer.subarray(start, end);
  const known = parts.get(buffer);
  if (known === undefined) parts.set(buffer, [part]);
  else known.push(part);
  return part;
}

/** Takes note that the memory of a buffer is about to be used for something else. */
export function noteReuse(buffer: Buffer): void {
  lastAlive = undefined;
  reused.add(buffer);
  for (const part of parts.get(buffer) ?? []) reused.add(part);
}
