// What the job's code prints is written before its next line runs. A thread's own streams hand it to the main thread, and wait to be
// asked for more: what was printed last, before the code hung, was never seen.

import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

import { codeOf } from '../errors.ts';

const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
/** How long to wait where a pipe is full. */
const FULL_MS = 1;

/** Makes stdout and stderr of this thread write to those of its process. */
export function printAtOnce(): void {
  writeTo(process.stdout, 1);
  writeTo(process.stderr, 2);
}

function writeTo(stream: Writable, fd: number): void {
  stream._write = (chunk: Buffer | string, encoding, done) => {
    writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    done();
  };
  stream._writev = (chunks, done) => {
    for (const { chunk, encoding } of chunks as { chunk: Buffer | string; encoding: BufferEncoding }[])
      writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    done();
  };
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Whoever reads it is slow; or gone, and then nobody misses it.
      if (codeOf(error) !== 'EAGAIN') return;
      Atomics.wait(cell, 0, 0, FULL_MS);
    }
  }
}
