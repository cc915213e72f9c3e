// What an input holds: its bytes, or where its name says that it is compressed, what they are decompressed to.

import { pipeline, Readable } from 'node:stream';
import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  type Gunzip,
  type ZstdDecompress,
} from 'node:zlib';

import { InputError, messageOf } from '../errors.ts';
import { BLOCK_BYTES, inTarget, readBlocks } from './blocks.ts';
import type { Slice } from './chunk.ts';

type Decoder = BrotliDecompress | Gunzip | ZstdDecompress;

const DECODERS: Readonly<Record<string, () => Decoder>> = {
  gz: () => createGunzip({ chunkSize: BLOCK_BYTES }),
  zst: () => createZstdDecompress({ chunkSize: BLOCK_BYTES }),
  br: () => createBrotliDecompress({ chunkSize: BLOCK_BYTES }),
};

const WAYS_OUT = 'make the file anew, or leave it out';

/** Whether a file's name says that it is compressed (`.gz`, `.zst`, `.br`): it is read as one, from its start. */
export function isCompressed(file: string): boolean {
  return decoderOf(file) !== undefined;
}

/**
 * The content of a slice, block by block; of a compressed file, which must be whole, as it is decompressed. Each block is
 * in `target`, where that is given, until the next one is asked for.
 * @throws InputError where the input has changed, or cannot be decompressed
 */
export function readContent(slice: Slice, target?: Buffer): Iterable<Buffer> | AsyncIterable<Buffer> {
  if (slice.sizeBytes === 0) return [];
  const decoder = decoderOf(slice.file);
  return decoder === undefined ? readBlocks(slice, target) : decompress(slice, decoder(), target);
}

async function* decompress(slice: Slice, decoder: Decoder, target: Buffer | undefined): AsyncGenerator<Buffer> {
  // An error of either end comes out of the iteration.
  pipeline(Readable.from(readBlocks(slice)), decoder, () => {});
  try {
    for await (const block of decoder) yield* inTarget(block as Buffer, target);
    checkEnd(slice, decoder.bytesWritten);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `input ${slice.file}: expected what its name says, found that it does not decompress: ${messageOf(error)}; ${WAYS_OUT}`,
      { cause: error },
    );
  }
}

/** What stands behind the end of the compressed data may be zeros, with which some programs fill blocks, and nothing else. */
function checkEnd(slice: Slice, consumedBytes: number): void {
  if (consumedBytes === slice.end - slice.start) return;
  let position = 0;
  for (const block of readBlocks(slice)) {
    const rest = block.subarray(Math.max(0, consumedBytes - position));
    position += block.length;
    if (rest.every((byte) => byte === 0)) continue;
    throw new InputError(
      `input ${slice.file}: expected compressed data to its end, found more behind byte ${consumedBytes}; ${WAYS_OUT}`,
    );
  }
}

function decoderOf(file: string): (() => Decoder) | undefined {
  const [, ending = ''] = /\.([a-z]+)$/.exec(file) ?? [];
  return Object.hasOwn(DECODERS, ending) ? DECODERS[ending] : undefined;
}
