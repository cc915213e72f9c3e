// Turns the errors of a full disk (ENOSPC, EDQUOT, EFBIG) into a SystemError that names the folder, the bytes needed and the
// bytes free.

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
 * Turns an error of writing into the error to throw: a SystemError if there was no room for `neededBytes` more bytes at
 * `path` (0: for the file itself), or if a call on an open file failed in another way. An error that has a path of its own is
 * returned as it is: the caller knows what it means.
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

/** Calls a function that opens or syncs a file. @throws SystemError that says so if the disk is full */
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
