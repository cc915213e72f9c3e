// Sorts keys by their bytes: radix sort on four bytes at a time, of an index over the keys, which stay where they are.
//
// A range of keys is sorted by the next four bytes as one integer (least significant digit first, so stable), and each
// group of equal integers by the four bytes after those. What all keys of a group share is passed over first. Big groups
// use 16-bit digits, small ones 8-bit digits, whose counters cost less to clear; tiny ones an insertion sort.
// Source: P. M. McIlroy, K. Bostic, M. D. McIlroy, "Engineering radix sort", Computing Systems 6 (1993), for the hybrid.

import { compareKeys } from './order.ts';

const INSERTION_LIMIT = 20;
const WIDE_DIGIT_LIMIT = 8192;

/** Keys that stand one after another: key `i` is `bytes[ends[i - 1], ends[i])`, where `ends[-1]` is 0. */
export interface KeyColumn {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** Sorts `order[from, to)`, numbers of keys, by the keys' bytes. Equal keys keep their order. */
export function sortByKey(order: Uint32Array, from: number, to: number, keys: KeyColumn): void {
  if (to - from > 1) new RadixSort(order, to - from, keys).sort(from, to, 0);
}

class RadixSort {
  readonly #order: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #ends: Uint32Array;
  readonly #spareOrder: Uint32Array;
  #digits: Uint32Array;
  #spareDigits: Uint32Array;
  readonly #wide = new Uint32Array(1 << 16);
  readonly #narrow = new Uint32Array(1 << 8);

  constructor(order: Uint32Array, count: number, keys: KeyColumn) {
    this.#order = order;
    this.#bytes = keys.bytes;
    this.#ends = keys.ends;
    this.#spareOrder = new Uint32Array(count);
    this.#digits = new Uint32Array(count);
    this.#spareDigits = new Uint32Array(count);
  }

  /** Sorts a range whose keys all have the same `depth` first bytes. */
  sort(from: number, to: number, depth: number): void {
    if (to - from <= INSERTION_LIMIT) return this.#insertionSort(from, to, depth);
    const start = depth + this.#sharedBytes(from, to, depth);
    this.#sortByWord(from, to, start);
    // The digits of this range are read before the recursion overwrites them.
    for (let groupStart = from; groupStart < to;) {
      const groupEnd = this.#groupEnd(groupStart, to, start);
      if (groupEnd - groupStart > 1) {
        const longer = this.#endedFirst(groupStart, groupEnd, start + 4);
        if (groupEnd - longer > 1) this.sort(longer, groupEnd, start + 4);
      }
      groupStart = groupEnd;
    }
  }

  #startOf(key: number): number {
    return key === 0 ? 0 : this.#ends[key - 1]!;
  }

  /** How many bytes from `depth` on all keys of the range have in common. */
  #sharedBytes(from: number, to: number, depth: number): number {
    const order = this.#order;
    const bytes = this.#bytes;
    const first = this.#startOf(order[from]!) + depth;
    let shared = this.#ends[order[from]!]! - first;
    for (let i = from + 1; i < to && shared > 0; i++) {
      const key = order[i]!;
      const start = this.#startOf(key) + depth;
      const limit = Math.min(shared, this.#ends[key]! - start);
      let same = 0;
      while (same < limit && bytes[first + same] === bytes[start + same]) same++;
      shared = same;
    }
    return Math.max(shared, 0);
  }

  /** The four bytes of a key from `depth` on, most significant first; zeros behind its end. */
  #word(key: number, depth: number): number {
    const bytes = this.#bytes;
    const at = this.#startOf(key) + depth;
    const rest = this.#ends[key]! - at;
    if (rest >= 4) return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    if (rest <= 0) return 0;
    let word = bytes[at]! << 24;
    if (rest > 1) word |= bytes[at + 1]! << 16;
    if (rest > 2) word |= bytes[at + 2]! << 8;
    return word >>> 0;
  }

  #sortByWord(from: number, to: number, depth: number): void {
    const digits = this.#digits;
    for (let i = from; i < to; i++) digits[i - from] = this.#word(this.#order[i]!, depth);
    if (to - from >= WIDE_DIGIT_LIMIT) {
      for (let shift = 0; shift < 32; shift += 16) this.#pass(from, to - from, this.#wide, shift, 0xffff);
    } else {
      for (let shift = 0; shift < 32; shift += 8) this.#pass(from, to - from, this.#narrow, shift, 0xff);
    }
  }

  /** One stable pass of counting sort over one digit. */
  #pass(from: number, count: number, counters: Uint32Array, shift: number, mask: number): void {
    const digits = this.#digits;
    counters.fill(0);
    for (let i = 0; i < count; i++) counters[(digits[i]! >>> shift) & mask]!++;
    if (counters[(digits[0]! >>> shift) & mask] === count) return;
    let sum = 0;
    for (let digit = 0; digit <= mask; digit++) {
      const here = counters[digit]!;
      counters[digit] = sum;
      sum += here;
    }
    const order = this.#order;
    const spareOrder = this.#spareOrder;
    const spareDigits = this.#spareDigits;
    for (let i = 0; i < count; i++) {
      const word = digits[i]!;
      const place = counters[(word >>> shift) & mask]!++;
      spareDigits[place] = word;
      spareOrder[place] = order[from + i]!;
    }
    order.set(spareOrder.subarray(0, count), from);
    this.#digits = spareDigits;
    this.#spareDigits = digits;
  }

  #groupEnd(groupStart: number, to: number, depth: number): number {
    const word = this.#word(this.#order[groupStart]!, depth);
    let end = groupStart + 1;
    while (end < to && this.#word(this.#order[end]!, depth) === word) end++;
    return end;
  }

  /**
   * Puts the keys that end at or before `depth` first, shorter ones before longer ones, and answers where the others
   * begin. All keys of the range are the same up to `depth`, zeros behind their ends included.
   */
  #endedFirst(from: number, to: number, depth: number): number {
    const order = this.#order;
    let ended = 0;
    for (let i = from; i < to; i++) if (this.#lengthOf(order[i]!) <= depth) ended++;
    if (ended === 0) return from;
    const keys = order.slice(from, to);
    let place = from;
    for (let length = Math.max(0, depth - 4); length <= depth; length++) {
      for (const key of keys) if (this.#lengthOf(key) === length) order[place++] = key;
    }
    for (const key of keys) if (this.#lengthOf(key) > depth) order[place++] = key;
    return from + ended;
  }

  #lengthOf(key: number): number {
    return this.#ends[key]! - this.#startOf(key);
  }

  #insertionSort(from: number, to: number, depth: number): void {
    const order = this.#order;
    for (let i = from + 1; i < to; i++) {
      const key = order[i]!;
      let place = i;
      while (place > from && this.#compare(order[place - 1]!, key, depth) > 0) {
        order[place] = order[place - 1]!;
        place--;
      }
      order[place] = key;
    }
  }

  #compare(a: number, b: number, depth: number): number {
    const bytes = this.#bytes;
    return compareKeys(
      bytes,
      this.#startOf(a) + depth,
      this.#ends[a]!,
      bytes,
      this.#startOf(b) + depth,
      this.#ends[b]!,
    );
  }
}
