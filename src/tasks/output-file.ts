// The output of a reduce attempt: lines through a big buffer into one file.

import { closeSync, fdatasync, fsyncSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

import { outputLine } from '../formats/output.ts';
import { giveBigBuffer, takeBigBuffer } from '../shuffle/big-buffers.ts';

/** The disk gets what has been written in pieces of this size, so that there is little left to wait for at the end. */
const SYNC_BYTES = 16 << 20;
const TAB = 0x09;

export class OutputFile {
  /** What writing threw: never the user's error, also where the user's code caught it. */
  error: unknown;
  readonly #fd: number;
  #open = true;
  readonly #buffer = takeBigBuffer();
  #used = 0;
  #written = 0;
  #lines = 0;
  #syncedBytes = 0;
  readonly #syncs: Promise<void>[] = [];

  /** Creates the file, or writes over what is there. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  get lineCount(): number {
    return this.#lines;
  }

  /** Adds a result. What cannot be turned into text is the user's error, and thrown as it is. What comes after the end is not kept. */
  add(key: string, value: unknown): void {
    if (!this.#open) return;
    const line = outputLine(key, value);
    // A UTF-16 code unit takes at most three bytes.
    const mostBytes = line.length * 3;
    if (this.#used + mostBytes > this.#buffer.length) this.#flush();
    if (mostBytes > this.#buffer.length) this.#write(Buffer.from(line, 'utf8'));
    else this.#used += this.#buffer.write(line, this.#used, 'utf8');
    this.#lines++;
  }

  /** Adds lines as they are. */
  addLines(bytes: Uint8Array, count: number): void {
    if (this.#used + bytes.length > this.#buffer.length) this.#flush();
    if (bytes.length > this.#buffer.length) {
      this.#write(bytes);
    } else {
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
    }
    this.#lines += count;
  }

  /** Adds the line of a key, given as its bytes, and a number. */
  addNumber(key: Uint8Array, start: number, end: number, value: number): void {
    const text = String(value);
    const length = end - start + text.length + 2;
    if (length > this.#buffer.length) return this.add(Buffer.from(key.subarray(start, end)).toString('utf8'), value);
    if (this.#used + length > this.#buffer.length) this.#flush();
    this.#buffer.set(key.subarray(start, end), this.#used);
    this.#buffer[this.#used + end - start] = TAB;
    this.#buffer.write(`${text}\n`, this.#used + end - start + 1, 'latin1');
    this.#used += length;
    this.#lines++;
  }

  /** Writes what is left, syncs and closes the file. Answers its size. */
  async finish(): Promise<number> {
    this.#flush();
    await Promise.all(this.#syncs);
    // The system tells of what it could not write once.
    if (this.error !== undefined) throw this.error;
    fsyncSync(this.#fd);
    this.close();
    return this.#written;
  }

  /** Closes the file as it is. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    giveBigBuffer(this.#buffer);
    closeSync(this.#fd);
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Uint8Array): void {
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      this.error ??= error;
      throw error;
    }
    this.#written += bytes.length;
    if (this.#written - this.#syncedBytes < SYNC_BYTES) return;
    this.#syncedBytes = this.#written;
    this.#syncs.push(promisify(fdatasync)(this.#fd).catch((error: unknown) => void (this.error ??= error)));
  }
}
