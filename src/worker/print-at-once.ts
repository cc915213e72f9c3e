// Writes what the user's code prints at once. By default a thread passes it to the main thread later, so what it printed just
// before it hung, or was ended, would be lost.

import { writeSync } from 'node:fs';

import { codeOf } from '../errors.ts';

/** How long to wait if a pipe is full before trying again. */
const FULL_PIPE_MS = 5;

const clock = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** From now on this thread writes to the process's own stdout and stderr. `onPrint` is called for each piece that is written. */
export function printAtOnce(onPrint: () => void = () => {}): void {
  for (const [stream, fd] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    const write = (chunk: string | Uint8Array, encoding: BufferEncoding): void => {
      onPrint();
      writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    };
    // The main thread still sends messages to these streams, so they cannot be replaced by others.
    stream._write = (chunk: string | Uint8Array, encoding, done) => {
      write(chunk, encoding);
      done();
    };
    stream._writev = (chunks, done) => {
      for (const { chunk, encoding } of chunks) write(chunk as string | Uint8Array, encoding);
      done();
    };
  }
}

/** Writes all bytes. If nobody reads any more, that is not an error of the code that prints. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      // Node's own streams have made the pipe non-blocking.
      if (codeOf(error) !== 'EAGAIN') return;
      Atomics.wait(clock, 0, 0, FULL_PIPE_MS);
    }
  }
}
