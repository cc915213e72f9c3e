// Keeps the addresses of keys that are in the input block, to add many of them at once. All of them have one value.

import { Bytes } from '../../bytes.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KeyAddress } from './key-address.ts';

export class PendingKeys {
  count = 0;
  /** The value that all of them have. */
  value: number | null = 0;
  readonly #address: KeyAddress;
  readonly #kernel: Kernel;
  /** The start and the end of each key. */
  readonly #addresses: Int32Array;
  readonly #limit: number;
  /** The end of the memory in which keys can wait. */
  readonly #textEnd: number;
  /** The buffer of the last key, its address, and the end of the part of it in which keys can wait. */
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

  /** Whether a key with this value can wait together with the others. */
  accepts(value: unknown): boolean {
    return (value === this.value && this.count < this.#limit) || this.count === 0;
  }

  /** Lets a key wait whose value is accepted. Returns false if the key is not in the input block. */
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
   * Lets a key wait if it has the same buffer and the same value as the last key that waits, as most have. Otherwise, or if it is
   * not a valid key, returns false and has done nothing. The caller need not check anything before.
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
