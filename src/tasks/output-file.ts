// Writes the output of a reduce attempt: lines, through a large buffer, into one file.

import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

import { outputLine } from '../formats/output/output-lines.ts';
import { refusedWrite, withRoom } from '../machine/full-disk.ts';
import { WriteBuffer } from '../shuffle/file/write-buffer.ts';

/** Data is synced in pieces of this size, so that little is left to wait for at the end. */
const SYNC_BYTES = 16 << 20;

/** From this many characters on, a write call pays off. */
const ENOUGH_CHARACTERS = 1 << 14;

/** The number of lines in an output, and the file's size and crc32. */
export interface WrittenOutput {
  readonly lines: number;
  readonly bytes: number;
  readonly checksum: number;
}

export class OutputFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #file: WriteBuffer;
  #open = true;
  #lines = 0;
  /** Lines that are collected for one write: writing a line takes longer than making it. */
  #joined = '';
  #unsyncedBytes = 0;
  readonly #syncs: Promise<void>[] = [];
  #syncError: unknown;

  /** Creates the file, or overwrites an existing one. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = withRoom(path, 0, () => openSync(path, 'w'));
    this.#file = new WriteBuffer(this.#fd, { path, onWritten: (bytes) => this.#syncLater(bytes) });
  }

  /** The error that writing threw. It is never the user's error, even if the user's code caught it. */
  get error(): unknown {
    return this.#file.error ?? this.#syncError;
  }

  /** Adds a result. A value that cannot become text is the user's error and thrown as it is. Results after the end are dropped. */
  add(key: string, value: unknown): void {
    if (!this.#open) return;
    this.#joined += outputLine(key, value);
    this.#lines++;
    if (this.#joined.length >= ENOUGH_CHARACTERS) this.#writeJoined();
  }

  /** Adds lines as they are. */
  addLines(bytes: Uint8Array, count: number): void {
    this.#writeJoined();
    this.#file.write(bytes);
    this.#lines += count;
  }

  /** Adds the line of a key, given as its bytes, and a number. */
  addNumber(key: Uint8Array, start: number, end: number, value: number): void {
    this.#writeJoined();
    this.#file.write(key.subarray(start, end));
    this.#file.writeText(`\t${value}\n`, 'latin1');
    this.#lines++;
  }

  /** Writes the remaining lines, syncs and closes the file. */
  async finish(): Promise<WrittenOutput> {
    this.#writeJoined();
    this.#file.flush();
    await Promise.all(this.#syncs);
    // The system reports a failed write only once.
    if (this.error !== undefined) throw this.error;
    const { offset: bytes, checksum } = this.#file;
    withRoom(this.#path, bytes, () => fsyncSync(this.#fd));
    this.close();
    return { lines: this.#lines, bytes, checksum };
  }

  /** Closes the file without writing anything more. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.release();
    closeSync(this.#fd);
  }

  #writeJoined(): void {
    if (this.#joined === '') return;
    const joined = this.#joined;
    this.#joined = '';
    this.#file.writeText(joined);
  }

  #syncLater(writtenBytes: number): void {
    this.#unsyncedBytes += writtenBytes;
    if (this.#unsyncedBytes < SYNC_BYTES) return;
    const bytes = this.#unsyncedBytes;
    this.#unsyncedBytes = 0;
    const failed = (error: unknown): void => void (this.#syncError ??= refusedWrite(error, this.#path, bytes));
    this.#syncs.push(promisify(fdatasync)(this.#fd).catch(failed));
  }
}
