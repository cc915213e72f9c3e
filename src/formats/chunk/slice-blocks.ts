// Reads the bytes of a slice in big blocks, from the chunk or from the input file.

import { closeSync, readSync } from 'node:fs';

import type { Slice } from './chunk.ts';
import { changed, openUnchanged } from './unchanged-input.ts';

/** The size of one read: smaller reads cost more system calls, bigger ones only cost memory. */
export const BLOCK_BYTES = 1 << 20;

/**
 * The slice's bytes, block by block. If `target` is given, each block is in it and is overwritten by the next one; otherwise
 * each has memory of its own.
 * @throws InputError if the input is gone, or its size or time of change is no longer what the run was planned with
 */
export function* readBlocks(slice: Slice, target?: Buffer): Generator<Buffer> {
  if (slice.bytes !== undefined) {
    const { buffer, byteOffset, byteLength } = slice.bytes;
    yield* inTarget(Buffer.from(buffer, byteOffset, byteLength), target);
    return;
  }
  const fd = openUnchanged(slice);
  try {
    for (let position = slice.start; position < slice.end;) {
      const length = Math.min(target?.length ?? BLOCK_BYTES, slice.end - position);
      const block = target ?? Buffer.allocUnsafe(length);
      const count = readSync(fd, block, 0, length, position);
      if (count === 0) throw changed(slice, `it ends at byte ${position}`);
      position += count;
      yield block.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}

/** The bytes in one block; if `target` is given, in blocks of its size, each in `target`. */
export function* inTarget(bytes: Buffer, target: Buffer | undefined): Generator<Buffer> {
  if (target === undefined) {
    yield bytes;
    return;
  }
  for (let from = 0; from < bytes.length; from += target.length) {
    yield target.subarray(0, bytes.copy(target, 0, from));
  }
}
