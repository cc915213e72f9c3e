// Gathers small writes to a file into big ones.

import { writeSync } from 'node:fs';

import { BIG_BUFFER_BYTES, giveBigBuffer, takeBigBuffer } from './big-buffers.ts';

export class WriteBuffer {
  readonly #fd: number;
  readonly #buffer = takeBigBuffer();
  #used = 0;
  /** Where the next byte will stand in the file. */
  offset = 0;

  /** Writes to an open file, which stays the caller's. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array): void {
    if (this.#used + bytes.length > BIG_BUFFER_BYTES) this.flush();
    if (bytes.length > BIG_BUFFER_BYTES) {
      this.#writeAll(bytes);
    } else {
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
    }
    this.offset += bytes.length;
  }

  /** Gives the memory back: nothing can be written afterwards. */
  release(): void {
    giveBigBuffer(this.#buffer);
  }

  flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #writeAll(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
  }
}
