// Reads the blocks of a segment, one after another, and checks each of them.

import { zstdDecompressSync } from 'node:zlib';

import type { CorruptError } from '../../errors.ts';
import {
  BLOCK_HEADER_BYTES,
  blockChecksum,
  type BlockHeader,
  BlockCompression,
  damaged,
  readBlockHeader,
  type Segment,
  ValueKind,
} from './sorted-file-format.ts';
import { TextPieces } from './text-pieces.ts';
import { unpackValues } from './value-codec.ts';

/** A sorted file whose bytes can be read by position. */
export interface SortedFile {
  readonly path: string;
  /** Fills `target` from `position` on. @throws CorruptError if the file ends before */
  read(target: Buffer, position: number): Buffer;
}

/** A segment that is in memory, from `start` on in `bytes`. */
export interface HeldSegment {
  readonly path: string;
  readonly bytes: Buffer;
  readonly start: number;
}

/** The values of a block, by pair number. */
export interface BlockValues {
  at(pair: number): unknown;
}

/** Pairs in the order of their keys. */
export interface SortedBlock {
  readonly pairs: number;
  readonly valueKind: ValueKind;
  /** The end of each key in the key bytes, u32; the key bytes; the values, if they are numbers. Valid until the next block is read. */
  readonly payload: Buffer;
  /** The values, if they are neither numbers nor null. */
  readonly values: BlockValues | undefined;
  /** The bytes that these take in the block. */
  readonly valueBytes: number;
}

const FIRST_BYTES = 1 << 17;
/** One buffer for all blocks: they are read, and used, one at a time. */
let shared = Buffer.allocUnsafeSlow(FIRST_BYTES);

export class SegmentBlocks {
  readonly #source: SortedFile | HeldSegment;
  readonly #start: number;
  #position: number;
  readonly #end: number;
  /** The header of the next block, once it has been read along with the one before it. */
  #header: Buffer | undefined;

  constructor(source: SortedFile | HeldSegment, { offset, bytes }: Pick<Segment, 'offset' | 'bytes'>) {
    this.#source = source;
    this.#start = offset;
    this.#position = offset;
    this.#end = offset + bytes;
  }

  /** How many bytes of the segment are yet to be read. */
  get bytesLeft(): number {
    return this.#end - this.#position;
  }

  /** The next block; undefined at the end. @throws CorruptError if the block is damaged */
  next(): SortedBlock | undefined {
    if (this.#position >= this.#end) return undefined;
    const source = this.#source;
    return 'bytes' in source
      ? this.#take(source.bytes, source.start + this.#position - this.#start)
      : this.#read(source);
  }

  /** Reads the next block from the file, and with it the header of the one after. */
  #read(file: SortedFile): SortedBlock {
    const isFirst = this.#header === undefined;
    const header = (this.#header ??= Buffer.allocUnsafe(BLOCK_HEADER_BYTES));
    if (isFirst) file.read(header, this.#position);
    const blockEnd = this.#endOf(readBlockHeader(header, 0));
    const bytes = sharedBytes(blockEnd - this.#position + (blockEnd < this.#end ? BLOCK_HEADER_BYTES : 0));
    header.copy(bytes);
    file.read(bytes.subarray(BLOCK_HEADER_BYTES), this.#position + BLOCK_HEADER_BYTES);
    const nextHeader = blockEnd - this.#position;
    const block = this.#take(bytes, 0);
    bytes.copy(header, 0, nextHeader);
    return block;
  }

  /** Takes the block that begins at `at` in memory. */
  #take(bytes: Buffer, at: number): SortedBlock {
    const header = readBlockHeader(bytes, at);
    const blockEnd = this.#endOf(header);
    const end = at + blockEnd - this.#position;
    if (blockChecksum(bytes, at, end) !== header.checksum) throw this.#damage('a block with a wrong checksum');
    this.#position = blockEnd;
    const stored = bytes.subarray(at + BLOCK_HEADER_BYTES, end);
    const payload = header.compression === BlockCompression.none ? stored : zstdDecompressSync(stored);
    const { pairs, valueKind } = header;
    return { pairs, valueKind, ...splitValues(payload, pairs, valueKind) };
  }

  /** The end in the file of the block at the current position. */
  #endOf({ pairs, storedBytes }: BlockHeader): number {
    const end = this.#position + BLOCK_HEADER_BYTES + storedBytes;
    if (pairs === 0 || end > this.#end) throw this.#damage('no block');
    return end;
  }

  #damage(found: string): CorruptError {
    return damaged(this.#source.path, `${found} at byte ${this.#position}`);
  }
}

/** The pairs of a block. */
export function pairsOf({ pairs, valueKind, payload, values }: SortedBlock): [key: Buffer, value: unknown][] {
  const keys = pairs * 4;
  const endOf = (pair: number): number => keys + (pair < 0 ? 0 : payload.readUInt32LE(pair * 4));
  const numbers = endOf(pairs - 1);
  return Array.from({ length: pairs }, (_, pair) => {
    const key = Buffer.from(payload.subarray(endOf(pair - 1), endOf(pair)));
    if (valueKind === ValueKind.float64) return [key, payload.readDoubleLE(numbers + pair * 8)];
    return [key, values === undefined ? null : values.at(pair)];
  });
}

function splitValues(
  payload: Buffer,
  pairs: number,
  kind: ValueKind,
): Pick<SortedBlock, 'payload' | 'values' | 'valueBytes'> {
  if (kind !== ValueKind.packed && kind !== ValueKind.text) return { payload, values: undefined, valueBytes: 0 };
  const valuesStart = pairs * 4 + payload.readUInt32LE((pairs - 1) * 4);
  // A copy, with memory of its own: unpacked values may be views of it, and texts are taken from it one by one. Such memory is aligned.
  const bytes = Buffer.allocUnsafeSlow(payload.length - valuesStart);
  payload.copy(bytes, 0, valuesStart);
  const values = kind === ValueKind.packed ? unpackValues(bytes) : new Texts(bytes, pairs);
  return { payload: payload.subarray(0, valuesStart), values, valueBytes: bytes.length };
}

/** The texts of a block. Each becomes a string when it is asked for. */
class Texts implements BlockValues {
  readonly #ends: Uint32Array;
  readonly #start: number;
  readonly #texts: TextPieces;

  constructor(bytes: Buffer, pairs: number) {
    this.#ends = new Uint32Array(bytes.buffer, bytes.byteOffset, pairs);
    this.#start = pairs * 4;
    this.#texts = new TextPieces(bytes, this.#start, bytes.length);
  }

  at(pair: number): string {
    const start = pair === 0 ? 0 : this.#ends[pair - 1]!;
    return this.#texts.text(this.#start + start, this.#start + this.#ends[pair]!);
  }
}

function sharedBytes(length: number): Buffer {
  if (length > shared.length) shared = Buffer.allocUnsafeSlow(length * 2);
  return shared.subarray(0, length);
}
