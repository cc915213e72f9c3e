// Keys that wait, where they stand in the text, to be added together: all with one value.

import { Bytes } from '../../bytes.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KeyAddress } from './key-address.ts';

export class PendingKeys {
  count = 0;
  /** The value that all of them have. */
  value: number | null = 0;
  readonly #address: KeyAddress;
  readonly #kernel: Kernel;
  /** Start and end of each. */
  readonly #addresses: Int32Array;
  readonly #limit: number;
  /** Up to where keys can wait. */
  readonly #textEnd: number;
  /** The buffer of the key that came last, its address, and up to where in it keys can wait. */
  #buffer: Buffer | undefined;
  #base = 0;
  #length = 0;

  constructor(kernel: Kernel, address: KeyAddress) {
    this.#kernel = kernel;
    this.#address = address;
    this.#addresses = kernel.pending;
    this.#limit = kernel.pending.length / 2;
    this.#textEnd = kernel.exports.OUT.value;
  }

  /** Whether there is room for a key with this value. */
  accepts(value: unknown): boolean {
    return (value === this.value && this.count < this.#limit) || this.count === 0;
  }

  /** Lets a key wait, whose value is accepted. Answers false where it does not stand in the text. */
  add({ buffer, start, end }: Bytes, value: number | null): boolean {
    const base = this.#address.baseOf(buffer);
    if (base < 0 || base + end > this.#textEnd) return false;
    this.#buffer = buffer;
    this.#base = base;
    this.#length = Math.min(buffer.length, this.#textEnd - base);
    this.#push(base + start, base + end);
    this.value = value;
    return true;
  }

  /**
   * Lets a key wait that is of the same buffer, with the same value, as one that waits already: most are. Answers false, and
   * has then done nothing, where it is not, or is no key. Nothing else has to be asked for it, wherever it comes from.
   */
  addAlike({ buffer, start, end }: Bytes, value: unknown): boolean {
    const isAlike = value === this.value && buffer === this.#buffer && this.count > 0 && this.count < this.#limit;
    if (!isAlike || !(start >= 0 && start <= end && end <= this.#length)) return false;
    this.#push(this.#base + start, this.#base + end);
    return true;
  }

  #push(start: number, end: number): void {
    const at = this.count * 2;
    this.#addresses[at] = start;
    this.#addresses[at + 1] = end;
    this.count++;
  }

  keyOf(entry: number): Bytes {
    return new Bytes(this.#kernel.bytes, this.#addresses[entry * 2], this.#addresses[entry * 2 + 1]);
  }
}
