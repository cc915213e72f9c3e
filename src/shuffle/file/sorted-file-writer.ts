// Writes a sorted file: takes pairs in order, partition by partition, and writes them as checksummed blocks.

import { closeSync, openSync } from 'node:fs';
import { crc32, constants, zstdCompressSync } from 'node:zlib';

import { pack } from 'msgpackr';

import {
  BLOCK_HEADER_BYTES,
  BLOCK_KEY_BYTES,
  BLOCK_PAIRS,
  BLOCK_VALUE_BYTES,
  BlockCompression,
  MAGIC,
  type Segment,
  TRAILER_BYTES,
  ValueKind,
  type WeightedKey,
  tailChecksum,
  writeBlockHeader,
} from './sorted-file-format.ts';
import { joinedChecksum } from './joined-checksum.ts';
import { withRoom } from '../../machine/full-disk.ts';
import { copyKey } from '../copy-key.ts';
import { packValues } from './value-codec.ts';
import { valueBytes } from '../value-size.ts';
import { WriteBuffer } from './write-buffer.ts';

/** Blocks at least this long are checksummed once, and the sum is combined with the file's; for shorter ones hashing twice is cheaper. */
const JOINED_BYTES = 2048;
/** The fastest of the levels that compress well: a sorted file is read only once. */
const ZSTD_LEVEL = 1;

export interface SortedFileOptions {
  /** Whether blocks are compressed. */
  readonly compress?: boolean | undefined;
  /** The keys that were emitted most, for people who look at the run. */
  readonly hotKeys?: readonly WeightedKey[] | undefined;
}

/** What a sorted file holds, and its size and crc32. */
export interface WrittenSortedFile {
  readonly pairs: number;
  readonly bytes: number;
  readonly checksum: number;
  /** One segment per partition, in partition order. */
  readonly segments: readonly Segment[];
}

/** Writes a sorted file at `path`, whose partitions `fill` writes. The file is closed also if `fill` throws. */
export function createSortedFile(
  path: string,
  options: SortedFileOptions,
  fill: (writer: SortedFileWriter) => void,
): WrittenSortedFile {
  const writer = new SortedFileWriter(path, options);
  try {
    fill(writer);
    return writer.finish();
  } finally {
    writer.close();
  }
}

export class SortedFileWriter {
  readonly #fd: number;
  readonly #file: WriteBuffer;
  readonly #compress: boolean;
  readonly #hotKeys: readonly WeightedKey[];
  #open = true;
  readonly #segments: Segment[] = [];
  readonly #header = Buffer.alloc(BLOCK_HEADER_BYTES);
  #segmentStart = MAGIC.length;
  #segmentPairs = 0;
  #pairCount = 0;
  #keys = Buffer.alloc(0);
  #keyBytes = 0;
  #keyEnds = new Uint32Array(0);
  /** The block's values: here while all of them are numbers, in `#values` once one is not. */
  #numbers = new Float64Array(0);
  #values: unknown[] | undefined;
  #valueBytes = 0;
  #pairs = 0;

  /** Creates the file, or overwrites the one that is there. */
  constructor(path: string, { compress = false, hotKeys = [] }: SortedFileOptions = {}) {
    this.#compress = compress;
    this.#hotKeys = hotKeys;
    this.#fd = withRoom(path, MAGIC.length, () => openSync(path, 'w'));
    this.#file = new WriteBuffer(this.#fd, { path });
    this.#file.write(MAGIC);
  }

  /** Adds a pair to the current partition; its key is `bytes[start, end)`. */
  add(bytes: Buffer, start: number, end: number, value: unknown): void {
    const length = end - start;
    const full = this.#pairs === BLOCK_PAIRS || this.#valueBytes > BLOCK_VALUE_BYTES;
    if (full || this.#keyBytes + length > BLOCK_KEY_BYTES) this.#closeBlock();
    if (this.#keyEnds.length === 0 || length > this.#keys.length - this.#keyBytes) this.#makeRoom(length);
    copyKey(bytes, start, end, this.#keys, this.#keyBytes);
    this.#keyBytes += length;
    this.#keyEnds[this.#pairs] = this.#keyBytes;
    if (this.#values === undefined && typeof value === 'number') this.#numbers[this.#pairs] = value;
    else this.#addOther(value);
    this.#pairs++;
  }

  /**
   * Adds a block of sorted pairs to the current partition. The payload has the ends of the keys, the keys, and the values if they
   * are numbers or texts; values of any kind are in `values`.
   */
  addBlock(pairs: number, valueKind: ValueKind, payload: readonly Uint8Array[], values?: readonly unknown[]): void {
    this.#closeBlock();
    this.#writeBlock(pairs, valueKind, values === undefined ? payload : [...payload, packValues(values)]);
  }

  /** Ends the current partition; the next pair belongs to the following one. */
  endPartition(): void {
    this.#closeBlock();
    const { offset } = this.#file;
    this.#segments.push({ offset: this.#segmentStart, bytes: offset - this.#segmentStart, pairs: this.#segmentPairs });
    this.#segmentStart = offset;
    this.#segmentPairs = 0;
  }

  /**
   * Writes the index and closes the file. The file is not synced: if a crash of the machine damages it, its checksums show that, and
   * it can be made again.
   */
  finish(): WrittenSortedFile {
    const columns = [...this.#segments.map(({ bytes }) => bytes), ...this.#segments.map(({ pairs }) => pairs)];
    const index = asBytes(Float64Array.from(columns));
    const hotKeys = pack(this.#hotKeys);
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(index.length, 0);
    trailer.writeUInt32LE(hotKeys.length, 4);
    trailer.writeUInt32LE(tailChecksum(trailer, index, hotKeys), 8);
    MAGIC.copy(trailer, 12);
    this.#file.write(index);
    this.#file.write(hotKeys);
    this.#file.write(trailer);
    this.#file.flush();
    this.close();
    const { offset: bytes, checksum } = this.#file;
    return { pairs: this.#pairCount, bytes, checksum, segments: this.#segments };
  }

  /** Closes the file as it is. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.release();
    closeSync(this.#fd);
  }

  #makeRoom(length: number): void {
    if (this.#keyEnds.length === 0) {
      this.#keyEnds = new Uint32Array(BLOCK_PAIRS);
      this.#numbers = new Float64Array(BLOCK_PAIRS);
    }
    // A key longer than a block has a block to itself.
    this.#keys = Buffer.allocUnsafe(Math.max(length, BLOCK_KEY_BYTES));
  }

  #addOther(value: unknown): void {
    this.#values ??= Array.from(this.#numbers.subarray(0, this.#pairs));
    this.#values.push(value);
    this.#valueBytes += valueBytes(value);
  }

  #closeBlock(): void {
    const pairs = this.#pairs;
    if (pairs === 0) return;
    const [kind, values] = this.#blockValues();
    const ends = asBytes(this.#keyEnds.subarray(0, pairs));
    this.#writeBlock(pairs, kind, [ends, this.#keys.subarray(0, this.#keyBytes), values]);
    this.#pairs = 0;
    this.#keyBytes = 0;
    this.#values = undefined;
    this.#valueBytes = 0;
  }

  #blockValues(): [ValueKind, Uint8Array] {
    const values = this.#values;
    if (values === undefined) return [ValueKind.float64, asBytes(this.#numbers.subarray(0, this.#pairs))];
    if (values.every((value) => value === null)) return [ValueKind.none, new Uint8Array(0)];
    return [ValueKind.packed, packValues(values)];
  }

  #writeBlock(pairs: number, valueKind: ValueKind, payload: readonly Uint8Array[]): void {
    const compression = this.#compress ? BlockCompression.zstd : BlockCompression.none;
    const parts = this.#compress ? [compressed(payload)] : payload;
    const storedBytes = parts.reduce((bytes, part) => bytes + part.length, 0);
    const ofHeader = writeBlockHeader(this.#header, { storedBytes, pairs, valueKind, compression });
    if (storedBytes < JOINED_BYTES) {
      this.#header.writeUInt32LE(summedUp(parts, ofHeader));
      this.#file.write(this.#header);
      for (const part of parts) this.#file.write(part);
    } else {
      const stored = summedUp(parts, 0);
      this.#header.writeUInt32LE(joinedChecksum(ofHeader, stored, storedBytes));
      this.#file.write(this.#header);
      this.#file.writeSummed(parts, stored, storedBytes);
    }
    this.#segmentPairs += pairs;
    this.#pairCount += pairs;
  }
}

/** The crc32 of bytes whose crc32 is `before`, followed by parts. */
function summedUp(parts: readonly Uint8Array[], before: number): number {
  return parts.reduce((sum, part) => crc32(part, sum), before);
}

function compressed(parts: readonly Uint8Array[]): Buffer {
  return zstdCompressSync(parts.length === 1 ? parts[0]! : Buffer.concat(parts), {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  });
}

/** A column as the bytes that it has in a block. */
export function asBytes(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
