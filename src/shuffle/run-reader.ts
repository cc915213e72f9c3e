// Reads a run: its index, and the pairs of one segment in windows of a block.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';

import { unpack } from 'msgpackr';

import { codeOf, type CorruptError } from '../errors.ts';
import {
  BLOCK_HEADER_BYTES,
  blockChecksum,
  Compression,
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
  #values: ArrayLike<unknown> | undefined;

  constructor(run: RunReader, segment: Segment) {
    this.#run = run;
    this.#position = segment.offset;
    this.#end = segment.offset + segment.bytes;
  }

  get value(): unknown {
    return this.#values === undefined ? null : this.#values[this.#pair];
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
    const { pairs, storedBytes } = header;
    const start = this.#position + BLOCK_HEADER_BYTES;
    if (pairs === 0 || start + storedBytes > this.#end) throw this.#damage('no block');
    const stored = this.#run.read(Buffer.allocUnsafe(storedBytes), start);
    if (blockChecksum(headerBytes, [stored]) !== header.checksum) throw this.#damage('a block with a wrong checksum');
    const payload = header.compression === Compression.none ? stored : zstdDecompressSync(stored);
    this.#position = start + storedBytes;
    this.#pairs = pairs;
    this.#pair = 0;
    this.#keyEnds = payload.subarray(0, pairs * 4);
    const valuesStart = pairs * 4 + this.#keyEnds.readUInt32LE((pairs - 1) * 4);
    this.key = payload.subarray(pairs * 4, valuesStart);
    this.keyStart = 0;
    this.#values = readValues(header.valueKind, payload.subarray(valuesStart));
  }

  #damage(found: string): CorruptError {
    return damaged(this.#run.path, `${found} at byte ${this.#position}`);
  }
}

/** The values of a block; none at all where all are null. */
function readValues(kind: ValueKind, bytes: Buffer): ArrayLike<unknown> | undefined {
  if (kind === ValueKind.none) return undefined;
  return kind === ValueKind.float64 ? float64s(bytes) : unpackValues(bytes);
}

/** A copy, because a Float64Array must begin at a multiple of eight. */
function float64s(bytes: Buffer): Float64Array {
  const copy = new Uint8Array(bytes);
  return new Float64Array(copy.buffer, 0, copy.length / 8);
}
