// Keeps short strings with numbers, to add many of them to their sums at once. A look-up in a large table mostly waits for memory.
// When many look-ups follow each other with nothing in between, the machine waits for several of them at a time.

import { Bytes } from '../../bytes.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** An entry has the bytes of a key, up to this many; then the key's length u32, and at its end the number f64. */
const SHORT_BYTES = 16;
const ENTRY_BYTES = 32;
const ENTRY_CELLS = ENTRY_BYTES / Int32Array.BYTES_PER_ELEMENT;
const ENTRY_NUMBERS = ENTRY_BYTES / Float64Array.BYTES_PER_ELEMENT;
const LENGTH = 4;
const NUMBER = 3;
const LAST_ASCII = 0x7f;

export class PendingStrings {
  count = 0;
  /** The most strings that can wait. */
  readonly limit: number;
  readonly #kernel: Kernel;
  readonly #start: number;
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;

  constructor(kernel: Kernel) {
    const { STRINGS, MOST_STRINGS } = kernel.exports;
    this.#kernel = kernel;
    this.limit = MOST_STRINGS.value;
    this.#start = STRINGS.value;
    this.#cells = new Int32Array(kernel.bytes.buffer, STRINGS.value, this.limit * ENTRY_CELLS);
    this.#numbers = new Float64Array(kernel.bytes.buffer, STRINGS.value, this.limit * ENTRY_NUMBERS);
  }

  /**
   * Lets a number wait. Returns false if its key is too long or not ASCII. Four characters are written at a time: the kernel reads
   * eight bytes at once, and would have to wait for bytes that were written one by one.
   */
  add(key: string, value: number): boolean {
    const { length } = key;
    if (length > SHORT_BYTES) return false;
    const at = this.count * ENTRY_CELLS;
    let units = 0;
    for (let from = 0, cell = at; from < length; from += 4, cell++) {
      const to = Math.min(from + 4, length);
      let four = 0;
      for (let i = from, shift = 0; i < to; i++, shift += 8) {
        const unit = key.charCodeAt(i);
        units |= unit;
        four |= unit << shift;
      }
      this.#cells[cell] = four;
    }
    if (units > LAST_ASCII) return false;
    this.#cells[at + LENGTH] = length;
    this.#numbers[this.count * ENTRY_NUMBERS + NUMBER] = value;
    this.count++;
    return true;
  }

  /**
   * Lets a number wait if others wait already and there will still be room. Otherwise, or if this is not a number with a short key,
   * returns false and has done nothing. The caller need not check anything before.
   */
  addAlike(key: string, value: unknown): boolean {
    if (typeof value !== 'number' || this.count === 0 || this.count >= this.limit - 1) return false;
    return this.add(key, value + 0);
  }

  keyOf(entry: number): Bytes {
    const start = this.#start + entry * ENTRY_BYTES;
    return new Bytes(this.#kernel.bytes, start, start + this.#cells[entry * ENTRY_CELLS + LENGTH]!);
  }

  numberOf(entry: number): number {
    return this.#numbers[entry * ENTRY_NUMBERS + NUMBER]!;
  }
}
