// What a disk that takes no more is called: by its folder, with what was needed and what is there.

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { codeOf, SystemError } from '../errors.ts';
import { refusedCall } from './refused-call.ts';

const FOUND: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk full',
  EDQUOT: 'the quota used up',
  EFBIG: 'the limit of the size of a file reached',
};

/**
 * An error of writing, as it is to be thrown: a SystemError if there was no room for `neededBytes` more bytes at `path`
 * (0: for the file itself), or if the call was about an open file and failed in another way. An error that knows its own
 * path stays as it is: what it means is for the caller to say.
 */
export function refusedWrite(error: unknown, path: string, neededBytes: number): unknown {
  const code = codeOf(error) ?? '';
  if (!Object.hasOwn(FOUND, code)) return hasPath(error) ? error : refusedCall(error, path);
  const folder = dirname(path);
  const needed = neededBytes === 0 ? 'one more file' : `${neededBytes.toLocaleString('en')} more bytes`;
  return new SystemError(`${folder}: expected room for ${needed}, found ${FOUND[code]} (${code})${freeBytes(folder)}`, {
    cause: error,
  });
}

/** Calls what opens or syncs a file; a disk that is full is said to be. */
export function withRoom<T>(path: string, neededBytes: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw refusedWrite(error, path, neededBytes);
  }
}

function hasPath(error: unknown): boolean {
  return error instanceof Error && 'path' in error;
}

function freeBytes(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return `, ${(bavail * bsize).toLocaleString('en')} bytes free`;
  } catch {
    return '';
  }
}
