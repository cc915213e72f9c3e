// Checks that an input file is still the one that the run was planned with: it is there, with its size and its time of change.

import { closeSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';

import { codeOf, InputError, messageOf } from '../../errors.ts';
import type { Slice } from './chunk.ts';

type PlannedFile = Pick<Slice, 'file' | 'path' | 'sizeBytes' | 'mtimeMs'>;

/** Opens an input. @throws InputError if it is gone, or no longer the file that the run was planned with */
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

/** Checks the input of a slice, also if the slice carries its bytes. @throws InputError if the input is gone or has changed */
export function checkInput(slice: Slice): void {
  checkUnchanged(
    slice,
    unlessGone(slice, () => statSync(slice.path)),
  );
}

/** Other refusals of the machine, such as for too many open files, are no fault of the input, and pass through as they are. */
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

export function changed(slice: PlannedFile, found: string): InputError {
  return new InputError(
    `input ${slice.file} changed while the job ran: expected ${slice.sizeBytes} bytes of ` +
      `${new Date(slice.mtimeMs).toISOString()}, found ${found}; run the job again, and leave its inputs as they are until it has ended`,
  );
}
