// Writing much to stdout: as fast as the reader takes it, and no longer than he wants it.

import { once } from 'node:events';

/** Writes all pieces; stops early where the reader has closed the pipe. */
export async function writeOut(pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (process.stdout.destroyed) return;
    if (!process.stdout.write(piece))
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]);
  }
}
