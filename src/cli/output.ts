// Writing much to stdout: as fast as the reader takes it, and no longer than he wants it.

import { once } from 'node:events';

import { codeOf } from '../errors.ts';

/** Writes all pieces; stops early where the reader has closed the pipe. */
export async function writeOut(pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    const takesMore = process.stdout.write(piece) || (await drained());
    if (!takesMore) return;
  }
}

/** Waits until stdout takes more; `false` where its reader is gone. */
async function drained(): Promise<boolean> {
  try {
    await once(process.stdout, 'drain');
    return true;
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return false;
    throw error;
  }
}
