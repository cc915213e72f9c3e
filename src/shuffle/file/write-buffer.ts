// Gathers small writes to a file into big ones, and sums up what leaves.

import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { BIG_BUFFER_BYTES, giveBigBuffer, takeBigBuffer } from './big-buffers.ts';
import { joinedChecksum } from './joined-checksum.ts';
import { refusedWrite } from '../../machine/full-disk.ts';

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
  /** Up to where what is in the buffer has been summed up. */
  #summed = 0;

  /** Writes to an open file, which stays the caller's. */
  constructor(fd: number, options: WriteBufferOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /** @throws SystemError where the disk is full */
  write(bytes: Uint8Array): void {
    this.#append(bytes, false);
  }

  /** Writes bytes, in parts, whose crc32 is known: they are not summed up again. @throws SystemError where the disk is full */
  writeSummed(parts: readonly Uint8Array[], checksum: number, lengthBytes: number): void {
    this.#sumUp();
    this.checksum = joinedChecksum(this.checksum, checksum, lengthBytes);
    for (const part of parts) this.#append(part, true);
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
    this.#sumUp();
    this.#writeAll(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
    this.#summed = 0;
  }

  #append(bytes: Uint8Array, isSummed: boolean): void {
    if (this.#used + bytes.length > BIG_BUFFER_BYTES) this.flush();
    if (bytes.length > BIG_BUFFER_BYTES) {
      if (!isSummed) this.checksum = crc32(bytes, this.checksum);
      this.#writeAll(bytes);
    } else {
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
      if (isSummed) this.#summed = this.#used;
    }
    this.offset += bytes.length;
  }

  #sumUp(): void {
    if (this.#summed === this.#used) return;
    this.checksum = crc32(this.#buffer.subarray(this.#summed, this.#used), this.checksum);
    this.#summed = this.#used;
  }

  #writeAll(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      this.error ??= refusedWrite(error, this.#options.path, bytes.length - written);
      throw this.error;
    }
    this.#options.onWritten?.(bytes.length);
  }
}
