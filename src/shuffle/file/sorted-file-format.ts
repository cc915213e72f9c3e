// Defines the layout of a sorted file, to the byte. All integers are little-endian.
//
//   file     = magic, block*, index, hot keys, trailer
//   magic    = "MRSORT1\n"                                                             8 bytes
//   block    = crc32 of all that follows u32,
//              stored length u32, pair count u32, value kind u8, compression u8, zero u16  16 bytes
//              then what is stored: the payload, as it is or compressed
//   payload  = end of each key in the key bytes, one u32 per pair; key bytes; values
//   values   = kind 0: a msgpackr array · kind 1: one float64 per pair · kind 2: nothing, all values are null
//              kind 3: end of each text in the text bytes, one u32 per pair; text bytes, UTF-8
//   compression = 0: none · 1: a Zstandard frame
//   index    = in partition order, for the segment of each partition: its bytes, float64; then for each its pairs, float64
//   hot keys = a msgpackr array: [key, weight] of the keys that were emitted most, the heaviest first
//   trailer  = index length u32, hot keys length u32, crc32 of both lengths, index and hot keys u32, magic    20 bytes
//
// The blocks of a partition follow each other and make its segment. Pairs are sorted by key within a segment; equal keys are
// in the order in which they were emitted. A block never spans two partitions.

import { crc32 } from 'node:zlib';

import { CorruptError } from '../../errors.ts';

export const MAGIC = Buffer.from('MRSORT1\n', 'latin1');
export const BLOCK_HEADER_BYTES = 16;
const CHECKSUM_BYTES = 4;
export const TRAILER_BYTES = 20;

/** A block is closed when its keys or its values would exceed this size, or when it holds this many pairs. */
export const BLOCK_KEY_BYTES = 64 * 1024;
export const BLOCK_VALUE_BYTES = 256 * 1024;
export const BLOCK_PAIRS = 4096;

export const ValueKind = { packed: 0, float64: 1, none: 2, text: 3 } as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

export const BlockCompression = { none: 0, zstd: 1 } as const;
export type BlockCompression = (typeof BlockCompression)[keyof typeof BlockCompression];

/** Where a partition's pairs are in a sorted file. */
export interface Segment {
  readonly offset: number;
  readonly bytes: number;
  readonly pairs: number;
}

/** A key that the map task emitted often, with about how many pairs it has, or with the sum of its numbers. */
export type WeightedKey = readonly [key: string, weight: number];

export interface BlockHeader {
  readonly storedBytes: number;
  readonly pairs: number;
  readonly valueKind: ValueKind;
  readonly compression: BlockCompression;
  readonly checksum: number;
}

/** Writes the header of a block, except its checksum. Returns the crc32 of the bytes that it has written. */
export function writeBlockHeader(
  target: Buffer,
  { storedBytes, pairs, valueKind, compression }: Omit<BlockHeader, 'checksum'>,
): number {
  target.writeUInt32LE(storedBytes, 4);
  target.writeUInt32LE(pairs, 8);
  target.writeUInt8(valueKind, 12);
  target.writeUInt8(compression, 13);
  target.writeUInt16LE(0, 14);
  return crc32(target.subarray(CHECKSUM_BYTES, BLOCK_HEADER_BYTES));
}

/** Reads the header that begins at `at`. */
export function readBlockHeader(source: Buffer, at: number): BlockHeader {
  return {
    checksum: source.readUInt32LE(at),
    storedBytes: source.readUInt32LE(at + 4),
    pairs: source.readUInt32LE(at + 8),
    valueKind: source.readUInt8(at + 12) as ValueKind,
    compression: source.readUInt8(at + 13) as BlockCompression,
  };
}

/** The checksum of the block `[start, end)`. */
export function blockChecksum(bytes: Buffer, start: number, end: number): number {
  return crc32(bytes.subarray(start + CHECKSUM_BYTES, end));
}

/** The checksum of the index and the hot keys, and of their lengths, with which the trailer begins. */
export function tailChecksum(trailer: Buffer, ...parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), crc32(trailer.subarray(0, 8)));
}

export function damaged(path: string, what: string): CorruptError {
  return new CorruptError(`${path}: expected a whole sorted file, found ${what}`, { path });
}
