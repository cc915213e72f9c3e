// Encodes and decodes a chunk: the input of one map task, as msgpack. It lists slices; a slice carries its bytes, or states where
// they are.

import { crc32 } from 'node:zlib';

import { pack, unpack } from 'msgpackr';
import * as v from 'valibot';

import { CorruptError } from '../../errors.ts';
import { type Compression, COMPRESSIONS } from '../compressed/compression.ts';

/** A range of one input file that begins and ends on record boundaries. */
export interface Slice {
  /** The input as the user named it: what a job sees as `context.file`. */
  readonly file: string;
  /** The input's absolute path. */
  readonly path: string;
  /** The range in the file, in bytes; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The file's size and time of change when the run was planned, so that a changed input is an error, not a wrong result. */
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** How the file is compressed. A compressed file is one slice. */
  readonly compression?: Compression | undefined;
  /** The bytes themselves, if the chunk carries them. */
  readonly bytes?: Uint8Array;
}

export interface Chunk {
  readonly format: 'chunk/2';
  /** The map task that this chunk belongs to, from 0. */
  readonly task: number;
  readonly slices: readonly Slice[];
  /** The crc32 of task and slices. */
  readonly checksum: number;
}

const position = v.pipe(v.number(), v.integer(), v.minValue(0));
const ChunkSchema = v.object({
  format: v.literal('chunk/2'),
  task: position,
  checksum: position,
  slices: v.array(
    v.object({
      file: v.string(),
      path: v.string(),
      start: position,
      end: position,
      sizeBytes: position,
      mtimeMs: v.number(),
      compression: v.optional(v.picklist(COMPRESSIONS)),
      bytes: v.optional(v.instance(Uint8Array)),
    }),
  ),
});

export function encodeChunk(task: number, slices: readonly Slice[]): Buffer {
  return pack({ format: 'chunk/2', task, slices, checksum: checksumOf(task, slices) } satisfies Chunk);
}

/** Decodes a chunk; `path` is for the error. @throws CorruptError if `bytes` are not a chunk */
export function decodeChunk(bytes: Uint8Array, path: string): Chunk {
  try {
    const chunk = v.parse(ChunkSchema, unpack(bytes)) as Chunk;
    if (chunk.checksum === checksumOf(chunk.task, chunk.slices)) return chunk;
  } catch (error) {
    throw new CorruptError(`${path}: expected a chunk file, found something else`, { cause: error, path });
  }
  throw new CorruptError(`${path}: expected a whole chunk file, found a wrong checksum`, { path });
}

function checksumOf(task: number, slices: readonly Slice[]): number {
  return slices.reduce(
    (sum, { bytes = '', file, path, start, end, sizeBytes, mtimeMs, compression = 'none' }) => {
      const fields = JSON.stringify([file, path, start, end, sizeBytes, mtimeMs, compression, bytes.length]);
      return crc32(bytes, crc32(fields, sum));
    },
    crc32(String(task)),
  );
}
