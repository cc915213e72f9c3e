// Keys that wait, where they stand in the text, to be added together: all with one value.

import { Bytes } from '../bytes.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { KeyPlace } from './key-place.ts';

export class PendingKeys {
  count = 0;
  /** The value that all of them have. */
  value: number | null = 0;
  readonly #place: KeyPlace;
  readonly #kernel: Kernel;
  /** Start and end of each. */
  readonly #addresses: Int32Array;
  readonly #limit: number;
  /** Up to where keys can wait. */
  readonly #textEnd: number;

  constructor(kernel: Kernel, place: KeyPlace) {
    this.#kernel = kernel;
    this.#place = place;
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
    const base = this.#place.baseOf(buffer);
    if (base < 0 || base + end > this.#textEnd) return false;
    const at = this.count * 2;
    this.#addresses[at] = base + start;
    this.#addresses[at + 1] = base + end;
    this.value = value;
    this.count++;
    return true;
  }

  keyOf(entry: number): Bytes {
    return new Bytes(this.#kernel.bytes, this.#addresses[entry * 2], this.#addresses[entry * 2 + 1]);
  }
}
