// Writes a run: pairs come in order, partition by partition, and leave as checksummed blocks.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { pack } from 'msgpackr';

import { BLOCK_HEADER_BYTES, MAGIC, type Segment, TRAILER_BYTES, ValueKind, writeBlockHeader } from './run-format.ts';
import { packValues } from './values.ts';
import { valueBytes } from './value-size.ts';

/** A block is closed when its keys or its values would pass this size, or it holds this many pairs. */
const BLOCK_KEY_BYTES = 64 * 1024;
const BLOCK_VALUE_BYTES = 256 * 1024;
const BLOCK_PAIRS = 4096;

export class RunWriter {
  readonly #fd: number;
  #open = true;
  readonly #segments: Segment[] = [];
  #offset = MAGIC.length;
  #segmentStart = MAGIC.length;
  #segmentPairs = 0;
  #pairCount = 0;
  #keys = Buffer.allocUnsafe(BLOCK_KEY_BYTES);
  #keyBytes = 0;
  readonly #keyEnds = new Uint32Array(BLOCK_PAIRS);
  #values: unknown[] = [];
  #valueBytes = 0;
  #numbers = true;

  /** Creates the file, or writes over what is there. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w');
    writeSync(this.#fd, MAGIC);
  }

  /** The pairs written so far. */
  get pairCount(): number {
    return this.#pairCount;
  }

  /** Adds a pair to the current partition; its key is `bytes[start, end)`. */
  add(bytes: Uint8Array, start: number, end: number, value: unknown): void {
    const length = end - start;
    const full = this.#values.length === BLOCK_PAIRS || this.#valueBytes > BLOCK_VALUE_BYTES;
    if (full || this.#keyBytes + length > BLOCK_KEY_BYTES) this.#closeBlock();
    if (length > this.#keys.length) this.#keys = Buffer.allocUnsafe(length);
    this.#keys.set(bytes.subarray(start, end), this.#keyBytes);
    this.#keyBytes += length;
    this.#keyEnds[this.#values.length] = this.#keyBytes;
    this.#numbers &&= typeof value === 'number';
    this.#valueBytes += valueBytes(value);
    this.#values.push(value);
  }

  /** Ends the current partition; the next pair belongs to the one after it. */
  endPartition(): void {
    this.#closeBlock();
    this.#segments.push({
      offset: this.#segmentStart,
      bytes: this.#offset - this.#segmentStart,
      pairs: this.#segmentPairs,
    });
    this.#segmentStart = this.#offset;
    this.#segmentPairs = 0;
  }

  /** Writes the index and closes the file. `durable`: its bytes are on the disk when this returns. Answers its size. */
  finish(durable: boolean): number {
    const index = pack(this.#segments.map(({ offset, bytes, pairs }) => [offset, bytes, pairs]));
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(index.length, 0);
    trailer.writeUInt32LE(crc32(index), 4);
    MAGIC.copy(trailer, 8);
    this.#write(index);
    this.#write(trailer);
    if (durable) fsyncSync(this.#fd);
    this.close();
    return this.#offset;
  }

  /** Closes the file as it is. */
  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  #closeBlock(): void {
    const pairs = this.#values.length;
    if (pairs === 0) return;
    const kind = this.#numbers ? ValueKind.float64 : ValueKind.packed;
    const values =
      kind === ValueKind.float64 ? asBytes(Float64Array.from(this.#values as number[])) : packValues(this.#values);
    const ends = asBytes(this.#keyEnds.subarray(0, pairs));
    const payload = Buffer.concat([ends, this.#keys.subarray(0, this.#keyBytes), values]);
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    writeBlockHeader(header, pairs, payload, kind);
    this.#write(header);
    this.#write(payload);
    this.#segmentPairs += pairs;
    this.#pairCount += pairs;
    this.#keyBytes = 0;
    this.#values = [];
    this.#valueBytes = 0;
    this.#numbers = true;
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    this.#offset += bytes.length;
  }
}

function asBytes(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
