// Reads the bytes of a slice in big blocks, from the chunk or from the input file.

import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

import { codeOf, InputError, messageOf } from '../../errors.ts';
import type { Slice } from './chunk.ts';
import type { RandomAccess } from '../format.ts';

/** Reads are this big: smaller ones cost system calls, bigger ones only memory. */
export const BLOCK_BYTES = 1 << 20;

/**
 * The slice's bytes, block by block: each in `target`, where that is given, until the next one is asked for; otherwise in
 * memory of its own.
 * @throws InputError where the input is gone, or its size or time of change is no longer what the run was planned with
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

/** The bytes, in `target` where that is given, as many at a time as it holds. */
export function* inTarget(bytes: Buffer, target: Buffer | undefined): Generator<Buffer> {
  if (target === undefined) {
    yield bytes;
    return;
  }
  for (let from = 0; from < bytes.length; from += target.length) {
    yield target.subarray(0, bytes.copy(target, 0, from));
  }
}

/** Random access to an open file, for finding record boundaries. */
export function randomAccess(fd: number, size: number): RandomAccess {
  return {
    size,
    read: (target, position) => readSync(fd, target, 0, Math.min(target.byteLength, size - position), position),
  };
}

type PlannedFile = Pick<Slice, 'file' | 'path' | 'sizeBytes' | 'mtimeMs'>;

/** @throws InputError if an input is gone, or no longer what the run was planned with */
export function openUnchanged(slice: PlannedFile): number {
  const fd = unlessGone(slice, () => openSync(slice.path, 'r'));
  try {
    checkUnchanged(slice, fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** @throws InputError where the input of a slice, which may carry its bytes, is gone or has changed */
export function checkInput(slice: Slice): void {
  checkUnchanged(
    slice,
    unlessGone(slice, () => statSync(slice.path)),
  );
}

/** What the machine refuses for other reasons, such as too many open files, is no fault of the input. */
function unlessGone<T>(slice: PlannedFile, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!GONE.has(codeOf(error) ?? '')) throw error;
    throw changed(slice, messageOf(error));
  }
}

const GONE: ReadonlySet<string> = new Set('ENOENT ENOTDIR EACCES EPERM EISDIR ELOOP ESTALE ENXIO'.split(' '));

function checkUnchanged(slice: PlannedFile, now: Stats): void {
  if (now.size === slice.sizeBytes && now.mtimeMs === slice.mtimeMs) return;
  throw changed(slice, `${now.size} bytes of ${new Date(now.mtimeMs).toISOString()}`);
}

function changed(slice: PlannedFile, found: string): InputError {
  return new InputError(
    `input ${slice.file} changed while the job ran: expected ${slice.sizeBytes} bytes of ` +
      `${new Date(slice.mtimeMs).toISOString()}, found ${found}; run the job again, and leave its inputs as they are until it has ended`,
  );
}
