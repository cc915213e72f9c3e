// Gathers small writes to a file into big ones, and computes the checksum of the file.

import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { BIG_BUFFER_BYTES, giveBigBuffer, takeBigBuffer } from './big-buffers.ts';
import { joinedChecksum } from './joined-checksum.ts';
import { refusedWrite } from '../../machine/full-disk.ts';

export interface WriteBufferOptions {
  /** The file's path, for error messages. */
  readonly path: string;
  /** Called after each write to the file, with its number of bytes. */
  readonly onWritten?: (bytes: number) => void;
}

export class WriteBuffer {
  /** The position in the file of the next byte. */
  offset = 0;
  /** The crc32 of the bytes that have left the buffer; after `flush`, of all bytes. */
  checksum = 0;
  /** The first error of a write. The caller may have caught it, for it may be the job's code, so it is kept to be looked at later. */
  error: unknown;
  readonly #fd: number;
  readonly #options: WriteBufferOptions;
  readonly #buffer = takeBigBuffer();
  #used = 0;
  /** The end of the part of the buffer that is in the checksum. */
  #summed = 0;

  /** Writes to an open file, which the caller closes. */
  constructor(fd: number, options: WriteBufferOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /** Writes bytes. @throws SystemError if the disk is full */
  write(bytes: Uint8Array): void {
    this.#append(bytes, false);
  }

  /** Writes bytes, in parts, whose crc32 is known and not computed again. @throws SystemError if the disk is full */
  writeSummed(parts: readonly Uint8Array[], checksum: number, lengthBytes: number): void {
    this.#sumUp();
    this.checksum = joinedChecksum(this.checksum, checksum, lengthBytes);
    for (const part of parts) this.#append(part, true);
  }

  /** Writes a text as UTF-8. `latin1` is faster, if the caller knows that the text is ASCII. */
  writeText(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): void {
    // A UTF-16 code unit takes at most three bytes.
    const mostBytes = text.length * 3;
    if (mostBytes > BIG_BUFFER_BYTES) return this.write(Buffer.from(text, encoding));
    if (this.#used + mostBytes > BIG_BUFFER_BYTES) this.flush();
    const bytes = this.#buffer.write(text, this.#used, encoding);
    this.#used += bytes;
    this.offset += bytes;
  }

  /** Gives the memory back. Nothing can be written afterwards. */
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
