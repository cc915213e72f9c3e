// The words that the kernel has found last. It looks beyond the record that they are asked for, to the end of the block of
// input, so that it need not be called for each of many short records: those that follow find their words here.

import type { KernelExports } from './kernel-exports.ts';

const LF = 0x0a;
const CR = 0x0d;
/** The bits of a word's first column that are its address; the sign says that it is not ASCII. */
export const ADDRESS_BITS = 0x7fffffff;

/** What finds words: the kernel. */
interface WordFinder {
  readonly bytes: Buffer;
  readonly exports: Pick<KernelExports, 'findWords' | 'nextPosition'>;
}

export class FoundWords {
  /** Start and end of each word, as addresses. */
  readonly words: Int32Array;
  count = 0;
  /** Which search this is the outcome of. */
  search = 0;
  /** The words are those of `[from, to)`. */
  to = 0;
  #from = 0;
  #alphabet = 0;
  #lower = false;
  /** Where the block of input ends. */
  #textEnd = 0;
  /** Which word is asked for next, most likely. */
  #next = 0;
  readonly #kernel: WordFinder;

  constructor(kernel: WordFinder, words: Int32Array) {
    this.#kernel = kernel;
    this.words = words;
  }

  /** Another block of input, which ends at an address: what has been found is of no use. */
  begin(textEnd: number): void {
    this.#textEnd = textEnd;
    this.#forget();
  }

  /** Finds words from an address on, those of a record that ends at `end` at least, as many as there is room for. */
  find(at: number, end: number, alphabet: number, lower: boolean): void {
    const { exports } = this.#kernel;
    const mayGoOn = this.#isWordEnd(end);
    this.count = exports.findWords(at, mayGoOn ? this.#textEnd : end, alphabet, lower);
    this.search++;
    this.to = exports.nextPosition();
    this.#from = mayGoOn ? at : this.to;
    this.#alphabet = alphabet;
    this.#lower = lower;
    this.#next = 0;
  }

  /** The number of the first word of a record, where it has been looked for already; -1 where it has not. */
  indexOf(start: number, end: number, alphabet: number, lower: boolean): number {
    const isSame = alphabet === this.#alphabet && lower === this.#lower;
    if (!isSame || start < this.#from || start >= this.to || !this.#isWordEnd(end)) return -1;
    const { words } = this;
    let next = this.#next;
    while (next > 0 && (words[next * 2 - 2]! & ADDRESS_BITS) >= start) next--;
    while (next < this.count && (words[next * 2]! & ADDRESS_BITS) < start) next++;
    // A word that begins before the record is another one in it.
    return next > 0 && words[next * 2 - 1]! > start ? -1 : next;
  }

  /** Remembers which word comes next: the next record begins there. */
  expect(next: number): void {
    this.#next = next;
  }

  /** Whether what ends at an address ends no word, whatever follows. */
  #isWordEnd(end: number): boolean {
    if (end >= this.#textEnd) return end === this.#textEnd;
    const byte = this.#kernel.bytes[end];
    return byte === LF || byte === CR;
  }

  #forget(): void {
    this.search++;
    this.count = 0;
    this.#from = 0;
    this.to = 0;
  }
}
