// Reads output files, block by block.

import { closeSync, openSync } from 'node:fs';

import { piecesOf } from '../driver/loop/file-lines.ts';
import { refusedCall } from '../machine/refused-call.ts';

/**
 * The bytes of files, one file after the other, each block in the same memory.
 * @throws SystemError if the machine refuses
 */
export function* blocksOf(paths: readonly string[]): Generator<Buffer> {
  for (const path of paths) {
    const fd = opened(path);
    try {
      yield* blocksIn(fd, path);
    } finally {
      closeSync(fd);
    }
  }
}

/**
 * The bytes of an open file, each block in the same memory; `path` is for the error.
 * @throws SystemError if the machine refuses
 */
export function* blocksIn(fd: number, path: string): Generator<Buffer> {
  try {
    yield* piecesOf(fd);
  } catch (error) {
    throw refusedCall(error, path);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw refusedCall(error, path);
  }
}
