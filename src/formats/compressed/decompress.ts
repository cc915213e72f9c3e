// Reads the content of an input: its bytes, decompressed if it is compressed.

import { pipeline, Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import type { BrotliDecompress, Gunzip, ZstdDecompress } from 'node:zlib';

import { InputError, messageOf } from '../../errors.ts';
import { BLOCK_BYTES, inTarget, readBlocks } from '../chunk/slice-blocks.ts';
import type { Slice } from '../chunk/chunk.ts';
import { contentBytesOf, type FramePiece, framePieces, isZeros } from './zstd-frames.ts';

const WAYS_OUT = 'create the file again, or leave it out';
/** A frame up to this size is decompressed in one call: making a stream takes ten times as long. */
const SMALL_FRAME_BYTES = 1 << 18;
/** The largest window that `zstd --long` makes. Frames with smaller windows do not take more memory for that. */
const ZSTD_PARAMS = { [constants.ZSTD_d_windowLogMax]: 31 };

type Decoder = BrotliDecompress | Gunzip | ZstdDecompress;

/**
 * The content of a slice, block by block. A compressed file, which has to be whole, is decompressed. If `target` is given, each block
 * is in it and is overwritten by the next one.
 * @throws InputError if the input has changed, or cannot be decompressed
 */
export function readContent(slice: Slice, target?: Buffer): Iterable<Buffer> | AsyncIterable<Buffer> {
  if (slice.sizeBytes === 0) return [];
  return slice.compression === undefined ? readBlocks(slice, target) : decompress(slice, target);
}

async function* decompress(slice: Slice, target: Buffer | undefined): AsyncGenerator<Buffer> {
  try {
    for await (const block of decompressed(slice)) if (block.length > 0) yield* inTarget(block, target);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `input ${slice.file}: expected whole ${slice.compression} data, found that it does not decompress: ` +
        `${messageOf(error)}; ${WAYS_OUT}`,
      { cause: error },
    );
  }
}

function decompressed(slice: Slice): AsyncIterable<Buffer> {
  switch (slice.compression) {
    case 'gzip':
      return decompressStream(slice, createGunzip({ chunkSize: BLOCK_BYTES }));
    case 'brotli':
      return decompressStream(slice, createBrotliDecompress({ chunkSize: BLOCK_BYTES }));
    default:
      return decompressFrames(slice);
  }
}

async function* decompressStream(slice: Slice, decoder: BrotliDecompress | Gunzip): AsyncGenerator<Buffer> {
  yield* through(decoder, readBlocks(slice));
  checkEnd(slice, decoder.bytesWritten);
}

/** Pipes data through a decoder. The iteration throws the errors of both. */
async function* through(decoder: Decoder, compressed: Iterable<Buffer>): AsyncGenerator<Buffer> {
  pipeline(Readable.from(compressed), decoder, () => {});
  for await (const block of decoder) yield block as Buffer;
}

/** Checks that only zeros follow the end of the compressed data: some programs fill blocks with them. */
function checkEnd(slice: Slice, consumedBytes: number): void {
  if (consumedBytes === slice.end - slice.start) return;
  let position = 0;
  for (const block of readBlocks(slice)) {
    const rest = block.subarray(Math.max(0, consumedBytes - position));
    position += block.length;
    if (isZeros(rest)) continue;
    throw new InputError(
      `input ${slice.file}: expected ${slice.compression} data to its end, found more after byte ${consumedBytes}; ${WAYS_OUT}`,
    );
  }
}

/** Decompresses each frame with a separate decoder. */
async function* decompressFrames(slice: Slice): AsyncGenerator<Buffer> {
  const pieces = framePieces(readBlocks(slice));
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
    const piece = next.value;
    if (piece.endsFrame && isSmall(piece.bytes)) yield zstdDecompressSync(piece.bytes);
    else
      yield* through(createZstdDecompress({ chunkSize: BLOCK_BYTES, params: ZSTD_PARAMS }), restOfFrame(piece, pieces));
  }
}

function isSmall(frame: Buffer): boolean {
  return (contentBytesOf(frame) ?? Infinity) <= SMALL_FRAME_BYTES;
}

function* restOfFrame(first: FramePiece, pieces: Iterator<FramePiece>): Generator<Buffer> {
  yield first.bytes;
  for (let { endsFrame } = first; !endsFrame;) {
    const { value, done } = pieces.next() as IteratorResult<FramePiece, undefined>;
    if (done === true) return;
    yield value.bytes;
    endsFrame = value.endsFrame;
  }
}
