// Reads a run: its index, and the pairs of one segment in windows of a block.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { unpack } from 'msgpackr';

import { codeOf } from '../errors.ts';
import {
  BLOCK_HEADER_BYTES,
  blockChecksum,
  damaged,
  MAGIC,
  readBlockHeader,
  type Segment,
  TRAILER_BYTES,
  ValueKind,
} from './run-format.ts';
import type { SortedPairs } from './merge.ts';
import { unpackValues } from './values.ts';

/** An open run file. */
export class RunReader implements Disposable {
  readonly path: string;
  /** A segment a partition, in partition order. */
  readonly segments: readonly Segment[];
  readonly #fd: number;

  /** @throws CorruptError where the file is missing, cut short or no run */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? damaged(path, 'no file') : error;
    }
    try {
      this.segments = this.#readIndex();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The pairs of a partition, in the order of their keys. */
  segment(partition: number): SortedPairs {
    const segment = this.segments[partition];
    if (segment === undefined)
      throw damaged(this.path, `${this.segments.length} partitions, none with number ${partition}`);
    return new SegmentPairs(this, segment);
  }

  /** Fills `target` from `position` on. @throws CorruptError where the file ends before */
  read(target: Buffer, position: number): Buffer {
    for (let filled = 0; filled < target.length;) {
      const count = readSync(this.#fd, target, filled, target.length - filled, position + filled);
      if (count === 0) throw damaged(this.path, `its end at byte ${position + filled}`);
      filled += count;
    }
    return target;
  }

  close(): void {
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readIndex(): Segment[] {
    const size = fstatSync(this.#fd).size;
    if (size < MAGIC.length + TRAILER_BYTES) throw damaged(this.path, `${size} bytes`);
    const head = this.read(Buffer.allocUnsafe(MAGIC.length), 0);
    if (!head.equals(MAGIC)) throw damaged(this.path, 'another kind of file');
    const trailer = this.read(Buffer.allocUnsafe(TRAILER_BYTES), size - TRAILER_BYTES);
    const indexBytes = trailer.readUInt32LE(0);
    const indexStart = size - TRAILER_BYTES - indexBytes;
    if (!trailer.subarray(8).equals(MAGIC) || indexStart < MAGIC.length) throw damaged(this.path, 'no trailer');
    const index = this.read(Buffer.allocUnsafe(indexBytes), indexStart);
    if (crc32(index) !== trailer.readUInt32LE(4)) throw damaged(this.path, 'an index with a wrong checksum');
    return (unpack(index) as [number, number, number][]).map(([offset, bytes, pairs]) => ({ offset, bytes, pairs }));
  }
}

class SegmentPairs implements SortedPairs {
  key: Buffer = Buffer.alloc(0);
  keyStart = 0;
  keyEnd = 0;
  readonly #run: RunReader;
  #position: number;
  readonly #end: number;
  #pair = -1;
  #pairs = 0;
  #keyEnds: Buffer = Buffer.alloc(0);
  #values: ArrayLike<unknown> = [];

  constructor(run: RunReader, segment: Segment) {
    this.#run = run;
    this.#position = segment.offset;
    this.#end = segment.offset + segment.bytes;
  }

  get value(): unknown {
    return this.#values[this.#pair];
  }

  next(): boolean {
    this.#pair++;
    if (this.#pair < this.#pairs) {
      this.keyStart = this.keyEnd;
    } else {
      if (this.#position >= this.#end) return false;
      this.#readBlock();
    }
    this.keyEnd = this.#keyEnds.readUInt32LE(this.#pair * 4);
    return true;
  }

  #readBlock(): void {
    const headerBytes = this.#run.read(Buffer.allocUnsafe(BLOCK_HEADER_BYTES), this.#position);
    const header = readBlockHeader(headerBytes);
    const payloadStart = this.#position + BLOCK_HEADER_BYTES;
    if (
      header.pairs === 0 ||
      header.pairs * 4 > header.payloadBytes ||
      payloadStart + header.payloadBytes > this.#end
    ) {
      throw damaged(this.#run.path, `no block at byte ${this.#position}`);
    }
    const payload = this.#run.read(Buffer.allocUnsafe(header.payloadBytes), payloadStart);
    if (blockChecksum(headerBytes, payload) !== header.checksum) {
      throw damaged(this.#run.path, `a block with a wrong checksum at byte ${this.#position}`);
    }
    this.#position = payloadStart + header.payloadBytes;
    this.#pairs = header.pairs;
    this.#pair = 0;
    this.#keyEnds = payload.subarray(0, header.pairs * 4);
    const keyBytes = this.#keyEnds.readUInt32LE((header.pairs - 1) * 4);
    this.key = payload.subarray(header.pairs * 4, header.pairs * 4 + keyBytes);
    this.keyStart = 0;
    const values = payload.subarray(header.pairs * 4 + keyBytes);
    this.#values = header.valueKind === ValueKind.float64 ? float64s(values) : unpackValues(values);
  }
}

/** A copy, because a Float64Array must begin at a multiple of eight. */
function float64s(bytes: Buffer): Float64Array {
  const copy = new Uint8Array(bytes);
  return new Float64Array(copy.buffer, 0, copy.length / 8);
}
