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
  /** The block's values: numbers as long as all are, and everything once one is not. */
  readonly #numbers = new Float64Array(BLOCK_PAIRS);
  #values: unknown[] | undefined;
  #valueBytes = 0;
  #pairs = 0;

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
    const full = this.#pairs === BLOCK_PAIRS || this.#valueBytes > BLOCK_VALUE_BYTES;
    if (full || this.#keyBytes + length > BLOCK_KEY_BYTES) this.#closeBlock();
    if (length > this.#keys.length) this.#keys = Buffer.allocUnsafe(length);
    copyBytes(bytes, start, end, this.#keys, this.#keyBytes);
    this.#keyBytes += length;
    this.#keyEnds[this.#pairs] = this.#keyBytes;
    if (this.#values === undefined && typeof value === 'number') this.#numbers[this.#pairs] = value;
    else this.#addOther(value);
    this.#pairs++;
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

  #addOther(value: unknown): void {
    this.#values ??= Array.from(this.#numbers.subarray(0, this.#pairs));
    this.#values.push(value);
    this.#valueBytes += valueBytes(value);
  }

  #closeBlock(): void {
    const pairs = this.#pairs;
    if (pairs === 0) return;
    const kind = this.#values === undefined ? ValueKind.float64 : ValueKind.packed;
    const values = this.#values === undefined ? asBytes(this.#numbers.subarray(0, pairs)) : packValues(this.#values);
    const ends = asBytes(this.#keyEnds.subarray(0, pairs));
    const payload = Buffer.concat([ends, this.#keys.subarray(0, this.#keyBytes), values]);
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    writeBlockHeader(header, pairs, payload, kind);
    this.#write(header);
    this.#write(payload);
    this.#segmentPairs += pairs;
    this.#pairCount += pairs;
    this.#pairs = 0;
    this.#keyBytes = 0;
    this.#values = undefined;
    this.#valueBytes = 0;
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    this.#offset += bytes.length;
  }
}

/** For keys: a call of a native copy costs more than the few bytes of most. */
function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > 64) target.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) target[at + i - start] = source[i]!;
}

function asBytes(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
