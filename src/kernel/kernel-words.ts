// Iterates over the words of bytes in the kernel's memory. The kernel finds them, as many at a time as it has room for.

import { Bytes } from '../bytes.ts';
import { ADDRESS_BITS, type FoundWords } from './found-words.ts';
import type { Kernel, WordScan } from './kernel.ts';

/** The error of a second iteration: if it found no words, results would be wrong. */
export function notAgain(): TypeError {
  return new TypeError('words: the words of a record can be iterated once; keep them with [...words(record)]');
}

export class KernelWords implements Iterable<Bytes>, WordScan {
  readonly kernel: Kernel;
  readonly end: number;
  readonly alphabet: number;
  readonly lower: boolean;
  readonly #found: FoundWords;
  /** The number of the search that found our words, and the index of the next one. */
  #search: number;
  #next: number;
  /** The end of the last word that was returned: the words after it may have to be found again. */
  #taken: number;
  #isBegun = false;

  constructor(kernel: Kernel, text: Bytes, alphabet: number, lower: boolean) {
    const base = text.buffer.byteOffset;
    const found = kernel.found;
    this.kernel = kernel;
    this.end = base + text.end;
    this.alphabet = alphabet;
    this.lower = lower;
    this.#found = found;
    this.#taken = base + text.start;
    this.#next = found.indexOf(this.#taken, this.end, alphabet, lower);
    this.#search = this.#next < 0 ? -1 : found.search;
  }

  get at(): number {
    return this.#taken;
  }
  set at(position: number) {
    this.#taken = position;
    this.#search = -1;
  }

  [Symbol.iterator](): this {
    if (this.#isBegun) throw notAgain();
    this.#isBegun = true;
    return this;
  }

  next(): IteratorResult<Bytes, undefined> {
    const found = this.#found;
    if (found.search !== this.#search) {
      if (this.#taken >= this.end) return { done: true, value: undefined };
      this.#find(this.#taken);
    }
    while (this.#next === found.count && found.to < this.end) this.#find(found.to);
    const start = found.words[this.#next * 2]!;
    const address = start & ADDRESS_BITS;
    if (this.#next >= found.count || address >= this.end) {
      found.expect(this.#next);
      return { done: true, value: undefined };
    }
    const end = found.words[this.#next * 2 + 1]!;
    this.#next++;
    this.#taken = end;
    if (start < 0) return { done: false, value: this.#lowerWide(address, end) };
    const shift = this.lower ? this.kernel.lowerShift : 0;
    return { done: false, value: new Bytes(this.kernel.lent, start + shift, end + shift) };
  }

  #find(at: number): void {
    this.#found.find(at, this.end, this.alphabet, this.lower);
    this.#search = this.#found.search;
    this.#next = 0;
  }

  /** A word that is not ASCII, lower-cased by JavaScript. */
  #lowerWide(start: number, end: number): Bytes {
    return new Bytes(Buffer.from(this.kernel.bytes.toString('utf8', start, end).toLowerCase()));
  }
}
