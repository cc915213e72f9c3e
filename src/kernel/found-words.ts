// Keeps the words that the kernel has found last. The kernel searches beyond the record whose words are asked for, to the end of
// the input block, so it need not be called for each of many short records: the next records find their words here.

import type { KernelExports } from './kernel-exports.ts';

const LF = 0x0a;
const CR = 0x0d;
/** The bits of a word's start that are its address. The sign bit marks a word that is not ASCII. */
export const ADDRESS_BITS = 0x7fffffff;

/** The part of the kernel that finds words. */
interface WordFinder {
  readonly bytes: Buffer;
  readonly exports: Pick<KernelExports, 'findWords' | 'nextPosition'>;
}

export class FoundWords {
  /** The start and the end of each word, as addresses. */
  readonly words: Int32Array;
  count = 0;
  /** The number of the search that found them. */
  search = 0;
  /** The words are those of the addresses `[#from, to)`. */
  to = 0;
  #from = 0;
  #alphabet = 0;
  #lower = false;
  /** The end of the input block. */
  #textEnd = 0;
  /** The index of the word that will most likely be asked for next. */
  #next = 0;
  readonly #kernel: WordFinder;

  constructor(kernel: WordFinder, words: Int32Array) {
    this.#kernel = kernel;
    this.words = words;
  }

  /** Begins with another input block, which ends at an address, and forgets what has been found. */
  begin(textEnd: number): void {
    this.#textEnd = textEnd;
    this.#forget();
  }

  /** Finds words from an address on, at least to the end of the record at `end`, as many as there is room for. */
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

  /** The index of the first word of a record; -1 if the record has not been searched. */
  indexOf(start: number, end: number, alphabet: number, lower: boolean): number {
    const isSame = alphabet === this.#alphabet && lower === this.#lower;
    if (!isSame || start < this.#from || start >= this.to || !this.#isWordEnd(end)) return -1;
    const { words } = this;
    let next = this.#next;
    while (next > 0 && (words[next * 2 - 2]! & ADDRESS_BITS) >= start) next--;
    while (next < this.count && (words[next * 2]! & ADDRESS_BITS) < start) next++;
    // If a word begins before the record, the record has only its end, which is a different word.
    return next > 0 && words[next * 2 - 1]! > start ? -1 : next;
  }

  /** Remembers the index of the next word, at which the next record will begin. */
  expect(next: number): void {
    this.#next = next;
  }

  /** Whether a record may end at an address without cutting a word, whatever follows. */
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
