// The output of a reduce attempt: lines through a big buffer into one file.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

import { outputLine } from '../formats/output.ts';

const BUFFER_BYTES = 1 << 20;

export class OutputFile {
  /** What writing threw: never the user's error, also where the user's code caught it. */
  error: unknown;
  readonly #fd: number;
  #open = true;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #written = 0;
  #lines = 0;

  /** Creates the file, or writes over what is there. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  get lineCount(): number {
    return this.#lines;
  }

  /** Adds a result. What cannot be turned into text is the user's error, and thrown as it is. */
  add(key: string, value: unknown): void {
    const line = outputLine(key, value);
    // A UTF-16 code unit takes at most three bytes.
    const mostBytes = line.length * 3;
    if (this.#used + mostBytes > this.#buffer.length) this.#flush();
    if (mostBytes > this.#buffer.length) this.#write(Buffer.from(line, 'utf8'));
    else this.#used += this.#buffer.write(line, this.#used, 'utf8');
    this.#lines++;
  }

  /** Writes what is left, syncs and closes the file. Answers its size. */
  finish(): number {
    this.#flush();
    fsyncSync(this.#fd);
    this.close();
    return this.#written;
  }

  /** Closes the file as it is. */
  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
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
  }
}
