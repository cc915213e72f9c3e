// Puts keys into the kernel's memory, each after the one before, and keeps the address of the last one.

import type { Bytes, Key } from '../../bytes.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** Strings up to this length are written byte by byte: a call of the native copy takes longer than they do. */
const SHORT_BYTES = 32;
/** The most bytes of UTF-8 that a UTF-16 code unit takes. */
const UNIT_BYTES = 3;

export class KeyAddress {
  readonly #kernel: Kernel;
  /** The address of the next key, and the end of the room for keys. */
  #end = 0;
  #limit = 0;
  /** The key that was taken last: its address, its length in bytes, and the length of the text after it. */
  start = 0;
  length = 0;
  textLength = 0;
  /** The buffer of the last key, and its address: looking that up takes longer than all else. */
  #lastBuffer: Buffer | undefined;
  #lastBase = -1;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Goes back to the address of the first key. */
  begin(): void {
    this.moveOn();
    this.#limit = this.#end + this.#kernel.bufferBytes;
  }

  /** Goes to the end of the last key that the kernel has kept. */
  moveOn(): void {
    this.#end = this.#kernel.exports.arenaEnd();
  }

  /** Moves past bytes that have been written, and that the kernel has kept. */
  advance(bytes: number): void {
    this.#end += bytes;
  }

  /**
   * Takes a key. If it is in the kernel's memory it stays where it is, otherwise it is written to the next address. Returns false
   * if there may be no room for it.
   */
  take(key: Key): boolean {
    return typeof key === 'string' ? this.#writeString(key) : this.#takeBytes(key);
  }

  /** Writes a key to the next address, and a text after it. Returns false if there may be no room for both. */
  takeWith(key: Key, text: string): boolean {
    const keyBytes = typeof key === 'string' ? key.length * UNIT_BYTES : key.length;
    if (this.#end + keyBytes + text.length * UNIT_BYTES > this.#limit) return false;
    this.take(key);
    const { bytes } = this.#kernel;
    if (this.start !== this.#end) bytes.copyWithin(this.#end, this.start, this.start + this.length);
    this.textLength = bytes.write(text, this.#end + this.length, 'utf8');
    return true;
  }

  /** Writes a text to the next address. Returns its number of bytes, or -1 if there may be no room for it. */
  write(text: string): number {
    if (this.#end + text.length * UNIT_BYTES > this.#limit) return -1;
    return this.#kernel.bytes.write(text, this.#end, 'utf8');
  }

  /** The address of a buffer's first byte; -1 if it is not in the kernel's memory. */
  baseOf(buffer: Buffer): number {
    if (buffer !== this.#lastBuffer) {
      this.#lastBuffer = buffer;
      this.#lastBase = this.#kernel.addressOf(buffer) ?? -1;
    }
    return this.#lastBase;
  }

  #writeString(key: string): boolean {
    const { length } = key;
    const start = this.#end;
    if (start + length * UNIT_BYTES > this.#limit) return false;
    const { bytes } = this.#kernel;
    this.start = start;
    this.length = length;
    if (length > SHORT_BYTES) {
      this.length = bytes.write(key, start, 'utf8');
      return true;
    }
    for (let i = 0; i < length; i++) {
      const unit = key.charCodeAt(i);
      if (unit > 0x7f) {
        this.length = bytes.write(key, start, 'utf8');
        return true;
      }
      bytes[start + i] = unit;
    }
    return true;
  }

  #takeBytes({ buffer, start, end }: Bytes): boolean {
    const base = this.baseOf(buffer);
    this.length = end - start;
    this.start = base < 0 ? this.#end : base + start;
    if (base >= 0) return true;
    if (this.#end + this.length > this.#limit) return false;
    this.#kernel.bytes.set(buffer.subarray(start, end), this.#end);
    return true;
  }
}
