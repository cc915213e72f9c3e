// The output of a reduce attempt: lines through a big buffer into one file.

import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

import { outputLine } from '../formats/output/output-lines.ts';
import { refusedWrite, withRoom } from '../machine/full-disk.ts';
import { WriteBuffer } from '../shuffle/file/write-buffer.ts';

/** The disk gets what has been written in pieces of this size, so that there is little left to wait for at the end. */
const SYNC_BYTES = 16 << 20;

/** So many characters are worth a call that writes them. */
const ENOUGH_CHARACTERS = 1 << 14;

/** What an output holds, and the file's size and crc32. */
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
  /** Lines that wait to be written together: to write one takes longer than to make it. */
  #joined = '';
  #unsyncedBytes = 0;
  readonly #syncs: Promise<void>[] = [];
  #syncError: unknown;

  /** Creates the file, or writes over what is there. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = withRoom(path, 0, () => openSync(path, 'w'));
    this.#file = new WriteBuffer(this.#fd, { path, onWritten: (bytes) => this.#syncLater(bytes) });
  }

  /** What writing threw: never the user's error, also where the user's code caught it. */
  get error(): unknown {
    return this.#file.error ?? this.#syncError;
  }

  /** Adds a result. What cannot be turned into text is the user's error, and thrown as it is. What comes after the end is not kept. */
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

  /** Writes what is left, syncs and closes the file. */
  async finish(): Promise<WrittenOutput> {
    this.#writeJoined();
    this.#file.flush();
    await Promise.all(this.#syncs);
    // The system tells of what it could not write once.
    if (this.error !== undefined) throw this.error;
    const { offset: bytes, checksum } = this.#file;
    withRoom(this.#path, bytes, () => fsyncSync(this.#fd));
    this.close();
    return { lines: this.#lines, bytes, checksum };
  }

  /** Closes the file as it is. */
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
