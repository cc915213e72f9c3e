// The layout of a run, to the byte. All integers are little-endian.
//
//   file     = magic, block*, index, trailer
//   magic    = "MRRUN/1\n"                                                             8 bytes
//   block    = payload length u32, pair count u32, value kind u32,
//              crc32 of these twelve bytes and the payload u32                        16 bytes
//              then the payload: end of each key in the key bytes, u32 a pair; key bytes; values
//   values   = kind 0: a msgpackr array · kind 1: a float64 a pair
//   index    = a msgpackr array, a segment a partition: [offset, bytes, pairs], in partition order
//   trailer  = index length u32, crc32 of the index u32, magic                         16 bytes
//
// The blocks of a partition stand together and make its segment. Pairs are sorted by key within a segment; equal keys
// stand in the order in which they were emitted. A block never spans two partitions.

import { crc32 } from 'node:zlib';

import { CorruptError } from '../errors.ts';

export const MAGIC = Buffer.from('MRRUN/1\n', 'latin1');
export const BLOCK_HEADER_BYTES = 16;
export const TRAILER_BYTES = 16;

export const ValueKind = { packed: 0, float64: 1 } as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

/** Where a partition's pairs stand in a run. */
export interface Segment {
  readonly offset: number;
  readonly bytes: number;
  readonly pairs: number;
}

export interface BlockHeader {
  readonly payloadBytes: number;
  readonly pairs: number;
  readonly checksum: number;
  readonly valueKind: ValueKind;
}

export function writeBlockHeader(target: Buffer, pairs: number, payload: Uint8Array, valueKind: ValueKind): void {
  target.writeUInt32LE(payload.length, 0);
  target.writeUInt32LE(pairs, 4);
  target.writeUInt32LE(valueKind, 8);
  target.writeUInt32LE(blockChecksum(target, payload), 12);
}

export function readBlockHeader(source: Buffer): BlockHeader {
  return {
    payloadBytes: source.readUInt32LE(0),
    pairs: source.readUInt32LE(4),
    valueKind: source.readUInt32LE(8) as ValueKind,
    checksum: source.readUInt32LE(12),
  };
}

/** The checksum of a block: of its header up to the checksum, and of its payload. */
export function blockChecksum(header: Buffer, payload: Uint8Array): number {
  return crc32(payload, crc32(header.subarray(0, 12)));
}

export function damaged(path: string, what: string): CorruptError {
  return new CorruptError(`${path}: expected a whole run file, found ${what}; run the job again`);
}
