// Knows which characters belong to words, and iterates over words that a scanner finds one by one.

import { notAgain } from '../../kernel/kernel-words.ts';

/** What a character is to words. Bits, so that the characters of a word can be taken together. */
export const CharacterKind = {
  /** Belongs to no word. */
  NO: 0,
  /** Belongs to words; in ASCII, a digit or a lower-case letter. */
  YES: 1,
  /** An upper-case ASCII letter. */
  UPPER: 2,
  /** Not ASCII: has to be looked up. */
  WIDE: 4,
  /** Belongs to the word that it follows. */
  MARK: 8,
} as const;

const { NO, YES, UPPER, WIDE, MARK } = CharacterKind;

const PAGE_BITS = 8;

/** The characters that belong to words. A regular expression decides about those of Unicode, once, a page of 256 at a time. */
export class Alphabet {
  /** The kind of each byte of UTF-8. */
  readonly ascii = new Uint8Array(256).fill(WIDE, 128);
  readonly #pattern: RegExp;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
    for (let code = 0; code < 128; code++) {
      const isWord = pattern.test(String.fromCharCode(code));
      this.ascii[code] = isWord ? (code >= 0x41 && code <= 0x5a ? UPPER : YES) : NO;
    }
  }

  /** Whether a character that is not ASCII belongs to a word, at its start or, if `isInside`, after another character of it. */
  has(codePoint: number, isInside: boolean): boolean {
    const number = codePoint >>> PAGE_BITS;
    const page = this.#pages.get(number) ?? this.#readPage(number);
    const kind = page[codePoint & 0xff];
    return kind === YES || (isInside && kind === MARK);
  }

  #readPage(number: number): Uint8Array {
    const page = new Uint8Array(1 << PAGE_BITS);
    for (let low = 0; low < page.length; low++) {
      const character = String.fromCodePoint((number << PAGE_BITS) | low);
      page[low] = this.#pattern.test(character) ? YES : MARKS.test(character) ? MARK : NO;
    }
    this.#pages.set(number, page);
    return page;
  }
}

const MARKS = /^\p{M}$/u;
export const alphanumeric = new Alphabet(/^[\p{L}\p{Nd}]$/u);
export const letters = new Alphabet(/^\p{L}$/u);

/** Iterates over the words that `nextWord` finds, once. */
export abstract class Words<T> implements Iterable<T>, Iterator<T, undefined> {
  protected readonly alphabet: Alphabet;
  protected readonly lower: boolean;
  #isBegun = false;

  constructor(alphabet: Alphabet, lower: boolean) {
    this.alphabet = alphabet;
    this.lower = lower;
  }

  [Symbol.iterator](): Iterator<T, undefined> {
    if (this.#isBegun) throw notAgain();
    this.#isBegun = true;
    return this;
  }

  next(): IteratorResult<T, undefined> {
    const value = this.nextWord();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  protected abstract nextWord(): T | undefined;
}
