// Keys as bytes, one after another in one buffer, each with the hash that partitions it.

import { isUtf8 } from 'node:buffer';

import type { Bytes, Key } from '../bytes.ts';
import { HASH_FACTOR, HASH_SEED, hashOf } from './partition.ts';

const FIRST_BYTES = 1 << 16;

/** Grows as keys come; `clear()` forgets the keys and keeps the memory. */
export class KeyArena {
  bytes = Buffer.allocUnsafe(FIRST_BYTES);
  /** Where the keys that are kept end. */
  used = 0;
  /** Where the key that was written last ends, and its hash. */
  end = 0;
  hash = HASH_SEED;

  /** Writes a key behind those that are kept, as UTF-8. It is kept once `used` is moved to `end`. */
  write(key: Key): void {
    if (typeof key === 'string') this.#writeString(key);
    else this.#writeBytes(key);
  }

  #writeBytes(key: Bytes): void {
    const { buffer, start, end } = key;
    const length = end - start;
    if (this.used + length > this.bytes.length) this.#grow(length);
    const { bytes, used } = this;
    let hash = HASH_SEED;
    let bits = 0;
    for (let i = 0; i < length; i++) {
      const byte = buffer[start + i]!;
      bits |= byte;
      bytes[used + i] = byte;
      hash = (Math.imul(hash, HASH_FACTOR) + ((byte << 24) >> 24)) | 0;
    }
    // A key is what its text is: bytes that are not UTF-8 become U+FFFD.
    if (bits > 0x7f && !isUtf8(buffer.subarray(start, end))) return this.#writeString(key.toString());
    this.end = used + length;
    this.hash = hash;
  }

  #writeString(key: string): void {
    const { length } = key;
    // A UTF-16 code unit takes at most three bytes.
    if (this.used + length * 3 > this.bytes.length) this.#grow(length * 3);
    const { bytes, used } = this;
    let hash = HASH_SEED;
    for (let i = 0; i < length; i++) {
      const unit = key.charCodeAt(i);
      if (unit > 0x7f) return this.#writeUtf8(key);
      bytes[used + i] = unit;
      hash = (Math.imul(hash, HASH_FACTOR) + unit) | 0;
    }
    this.end = used + length;
    this.hash = hash;
  }

  clear(): void {
    this.used = 0;
  }

  #writeUtf8(key: string): void {
    this.end = this.used + this.bytes.write(key, this.used, 'utf8');
    this.hash = hashOf(this.bytes, this.used, this.end);
  }

  #grow(room: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.used + room, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}
