// Reads the bytes of a slice in big blocks, from the chunk or from the input file.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { CorruptError, messageOf } from '../errors.ts';
import type { Slice } from './chunk.ts';
import type { RandomAccess } from './format.ts';

/** Reads are this big: smaller ones cost system calls, bigger ones only memory. */
export const BLOCK_BYTES = 1 << 20;

/**
 * The slice's bytes, block by block. A block is never written again, so it may be kept.
 * @throws CorruptError where the input is gone, or its size or time of change is no longer what the run was planned with
 */
export function* readBlocks(slice: Slice): Generator<Buffer> {
  if (slice.bytes !== undefined) {
    yield Buffer.from(slice.bytes.buffer, slice.bytes.byteOffset, slice.bytes.byteLength);
    return;
  }
  const fd = openUnchanged(slice);
  try {
    for (let position = slice.start; position < slice.end;) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, slice.end - position));
      const count = readSync(fd, block, 0, block.length, position);
      if (count === 0) throw changed(slice, `it ends at byte ${position}`);
      position += count;
      yield block.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}

/** Random access to an open file, for finding record boundaries. */
export function randomAccess(fd: number, size: number): RandomAccess {
  return {
    size,
    read: (target, position) => readSync(fd, target, 0, Math.min(target.byteLength, size - position), position),
  };
}

function openUnchanged(slice: Slice): number {
  let fd: number;
  try {
    fd = openSync(slice.path, 'r');
  } catch (error) {
    throw changed(slice, messageOf(error));
  }
  const now = fstatSync(fd);
  if (now.size === slice.sizeBytes && now.mtimeMs === slice.mtimeMs) return fd;
  closeSync(fd);
  throw changed(slice, `${now.size} bytes of ${new Date(now.mtimeMs).toISOString()}`);
}

function changed(slice: Slice, found: string): CorruptError {
  return new CorruptError(
    `input ${slice.file} changed while the job ran: expected ${slice.sizeBytes} bytes of ` +
      `${new Date(slice.mtimeMs).toISOString()}, found ${found}; run the job again`,
  );
}
