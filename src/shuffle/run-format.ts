// The layout of a run, to the byte. All integers are little-endian.
//
//   file     = magic, block*, index, hot keys, trailer
//   magic    = "MRRUN/3\n"                                                             8 bytes
//   block    = stored length u32, pair count u32, value kind u8, compression u8, zero u16,
//              crc32 of these twelve bytes and what is stored u32                     16 bytes
//              then what is stored: the payload, as it is or compressed
//   payload  = end of each key in the key bytes, u32 a pair; key bytes; values
//   values   = kind 0: a msgpackr array · kind 1: a float64 a pair · kind 2: nothing, all values are null
//              kind 3: end of each text in the text bytes, u32 a pair; text bytes, UTF-8
//   compression = 0: none · 1: a Zstandard frame
//   index    = in partition order, a segment a partition: bytes of each float64, then pairs of each float64
//   hot keys = a msgpackr array: [key, weight] of what was emitted most, the heaviest first
//   trailer  = index length u32, hot keys length u32, crc32 of both u32, magic         20 bytes
//
// The blocks of a partition stand together and make its segment. Pairs are sorted by key within a segment; equal keys
// stand in the order in which they were emitted. A block never spans two partitions.

import { crc32 } from 'node:zlib';

import { CorruptError } from '../errors.ts';
import { joinedChecksum } from './joined-checksum.ts';

export const MAGIC = Buffer.from('MRRUN/3\n', 'latin1');
export const BLOCK_HEADER_BYTES = 16;
export const TRAILER_BYTES = 20;

/** A block is closed when its keys or its values would pass this size, or it holds this many pairs. */
export const BLOCK_KEY_BYTES = 64 * 1024;
export const BLOCK_VALUE_BYTES = 256 * 1024;
export const BLOCK_PAIRS = 4096;

export const ValueKind = { packed: 0, float64: 1, none: 2, text: 3 } as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

export const Compression = { none: 0, zstd: 1 } as const;
export type Compression = (typeof Compression)[keyof typeof Compression];

/** Where a partition's pairs stand in a run. */
export interface Segment {
  readonly offset: number;
  readonly bytes: number;
  readonly pairs: number;
}

export interface BlockHeader {
  readonly storedBytes: number;
  readonly pairs: number;
  readonly valueKind: ValueKind;
  readonly compression: Compression;
  readonly checksum: number;
}

/** Writes the header of a block, whose stored bytes have the crc32 `stored`. */
export function writeBlockHeader(
  target: Buffer,
  { storedBytes, pairs, valueKind, compression }: Omit<BlockHeader, 'checksum'>,
  stored: number,
): void {
  target.writeUInt32LE(storedBytes, 0);
  target.writeUInt32LE(pairs, 4);
  target.writeUInt8(valueKind, 8);
  target.writeUInt8(compression, 9);
  target.writeUInt16LE(0, 10);
  target.writeUInt32LE(joinedChecksum(crc32(target.subarray(0, 12)), stored, storedBytes), 12);
}

export function readBlockHeader(source: Buffer): BlockHeader {
  return {
    storedBytes: source.readUInt32LE(0),
    pairs: source.readUInt32LE(4),
    valueKind: source.readUInt8(8) as ValueKind,
    compression: source.readUInt8(9) as Compression,
    checksum: source.readUInt32LE(12),
  };
}

/** The checksum of a block: of its header up to the checksum, and of what is stored. */
export function blockChecksum(header: Buffer, stored: Uint8Array): number {
  return crc32(stored, crc32(header.subarray(0, 12)));
}

export function damaged(path: string, what: string): CorruptError {
  return new CorruptError(`${path}: expected a whole run file, found ${what}`, { path });
}
