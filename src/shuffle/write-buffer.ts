// Gathers small writes to a file into big ones, and sums up what leaves.

import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { BIG_BUFFER_BYTES, giveBigBuffer, takeBigBuffer } from './big-buffers.ts';
import { refusedWrite } from '../refused-write.ts';

export interface WriteBufferOptions {
  /** The file's path, for what an error says. */
  readonly path: string;
  /** Called when bytes have been written to the file, with how many. */
  readonly onWritten?: (bytes: number) => void;
}

export class WriteBuffer {
  /** Where the next byte will stand in the file. */
  offset = 0;
  /** The crc32 of all that has been written to the file: after `flush`, of all of it. */
  checksum = 0;
  /** What writing threw first, for who asks later: what called us may have caught it. */
  error: unknown;
  readonly #fd: number;
  readonly #options: WriteBufferOptions;
  readonly #buffer = takeBigBuffer();
  #used = 0;

  /** Writes to an open file, which stays the caller's. */
  constructor(fd: number, options: WriteBufferOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /** @throws SystemError where the disk is full */
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

  /** Writes a text: as UTF-8, or `latin1` where it is ASCII and the caller knows. */
  writeText(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): void {
    // A UTF-16 code unit takes at most three bytes.
    const mostBytes = text.length * 3;
    if (mostBytes > BIG_BUFFER_BYTES) return this.write(Buffer.from(text, encoding));
    if (this.#used + mostBytes > BIG_BUFFER_BYTES) this.flush();
    const bytes = this.#buffer.write(text, this.#used, encoding);
    this.#used += bytes;
    this.offset += bytes;
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
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      this.error ??= refusedWrite(error, this.#options.path, bytes.length - written);
      throw this.error;
    }
    this.checksum = crc32(bytes, this.checksum);
    this.#options.onWritten?.(bytes.length);
  }
}
