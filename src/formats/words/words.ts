// The words of a text, without a regular expression: of a string as strings, of bytes as views of bytes. Both find the
// same words as `/[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*/gu`, or `/\p{L}[\p{L}\p{M}]*/gu` for letters only, and lower-case them as
// JavaScript does. Marks, such as accents that stand behind their letter, belong to the word that they follow.

import { Bytes, checkAlive } from '../../bytes.ts';
import { described } from '../../described-value.ts';
import { kernelOf } from '../../kernel/kernel.ts';
import { KernelWords, notAgain } from '../../kernel/kernel-words.ts';

export interface WordsOptions {
  /** What words consist of: Unicode letters and digits, or letters alone. */
  readonly words?: 'alphanumeric' | 'letters';
  /** Whether words are lower-cased, or stand as they are. */
  readonly case?: 'lower' | 'keep';
}

/**
 * The words of a record, to be gone through once: `[...words(record)]` keeps them.
 * @throws TypeError if it is none
 */
export function words(record: string, options?: WordsOptions): Iterable<string>;
export function words(record: Bytes, options?: WordsOptions): Iterable<Bytes>;
export function words(record: string | Bytes, options: WordsOptions = {}): Iterable<string> | Iterable<Bytes> {
  const alphabet = options.words === 'letters' ? letters : alphanumeric;
  const lower = options.case !== 'keep';
  if (typeof record === 'string') return new StringWords(record, alphabet, lower);
  if (!(record instanceof Bytes)) {
    throw new TypeError(`words: expected a record, a text or Bytes, found ${described(record)}`);
  }
  checkAlive(record);
  const kernel = kernelOf(record);
  return kernel === undefined
    ? new ByteWords(record, alphabet, lower)
    : new KernelWords(kernel, record, alphabet === letters ? 0 : 1, lower);
}

const NO = 0;
const YES = 1;
const UPPER = 2;
/** Not ASCII: has to be looked up. */
const WIDE = 4;
/** Belongs to the word that it follows. */
const MARK = 8;

const PAGE_BITS = 8;

/** Which characters belong to words; Unicode's are asked of a regular expression once, a page of 256 at a time. */
class Alphabet {
  /** By byte, for UTF-8. */
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

  /** Whether a character that is not ASCII belongs to a word, at the start of one or behind another. */
  has(codePoint: number, isBehind: boolean): boolean {
    const number = codePoint >>> PAGE_BITS;
    const page = this.#pages.get(number) ?? this.#readPage(number);
    const kind = page[codePoint & 0xff];
    return kind === YES || (isBehind && kind === MARK);
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
const alphanumeric = new Alphabet(/^[\p{L}\p{Nd}]$/u);
const letters = new Alphabet(/^\p{L}$/u);

abstract class Words<T> implements Iterable<T>, Iterator<T, undefined> {
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

class StringWords extends Words<string> {
  readonly #text: string;
  /** The kinds of characters that a word can have and still be handed out as it stands. */
  readonly #plain: number;
  #at = 0;

  constructor(text: string, alphabet: Alphabet, lower: boolean) {
    super(alphabet, lower);
    this.#text = text;
    this.#plain = lower ? YES : YES | UPPER;
  }

  protected nextWord(): string | undefined {
    const text = this.#text;
    const { ascii } = this.alphabet;
    const end = text.length;
    while (this.#at < end) {
      let at = this.#at;
      let unit = 0;
      while (at < end && (unit = text.charCodeAt(at)) < 128 && ascii[unit] === NO) at++;
      const start = at;
      while (at < end && (unit = text.charCodeAt(at)) < 128 && (ascii[unit]! & this.#plain) !== 0) at++;
      this.#at = at;
      if (at === end || (unit < 128 && ascii[unit] === NO)) return start === at ? undefined : text.slice(start, at);
      const word = this.#unusualWord(start, at);
      if (word !== undefined) return word;
    }
    return undefined;
  }

  /**
   * A word from `start` on, of which what stands before `at` is plain, and what stands there is not; undefined where that is
   * not part of a word, and none has begun.
   */
  #unusualWord(start: number, at: number): string | undefined {
    const text = this.#text;
    const { ascii } = this.alphabet;
    let wordEnd = at;
    while (wordEnd < text.length) {
      const codePoint = text.codePointAt(wordEnd)!;
      const width = codePoint > 0xffff ? 2 : 1;
      const isWord = codePoint < 128 ? ascii[codePoint] !== NO : this.alphabet.has(codePoint, wordEnd > start);
      if (!isWord && wordEnd === start) {
        this.#at = wordEnd + width;
        return undefined;
      }
      if (!isWord) break;
      wordEnd += width;
    }
    this.#at = wordEnd;
    const word = text.slice(start, wordEnd);
    return this.lower ? word.toLowerCase() : word;
  }
}

class ByteWords extends Words<Bytes> {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;

  constructor(text: Bytes, alphabet: Alphabet, lower: boolean) {
    super(alphabet, lower);
    this.#buffer = text.buffer;
    this.#at = text.start;
    this.#end = text.end;
  }

  protected nextWord(): Bytes | undefined {
    const buffer = this.#buffer;
    const { ascii } = this.alphabet;
    const end = this.#end;
    while (this.#at < end) {
      let at = this.#at;
      let kind = NO;
      while (at < end && (kind = ascii[buffer[at]!]!) === NO) at++;
      const start = at;
      // Most words are lower-case ASCII: nothing else is looked at for them.
      while (at < end && (kind = ascii[buffer[at]!]!) === YES) at++;
      this.#at = at;
      if (at === end || kind === NO) return start === at ? undefined : new Bytes(buffer, start, at);
      const word = this.#unusualWord(start, at);
      if (word !== undefined) return word;
    }
    return undefined;
  }

  /**
   * A word from `start` on, of which what stands before `at` is lower-case ASCII, and what stands there is not; undefined
   * where that is not part of a word, and none has begun.
   */
  #unusualWord(start: number, at: number): Bytes | undefined {
    const buffer = this.#buffer;
    const { ascii } = this.alphabet;
    const end = this.#end;
    let wordEnd = at;
    let kinds = 0;
    for (let kind = NO; wordEnd < end && (kind = ascii[buffer[wordEnd]!]!) !== NO;) {
      let length = 1;
      if (kind === WIDE) {
        const sequence = codePointAt(buffer, wordEnd, end);
        length = sequence >>> LENGTH_SHIFT;
        if (!this.alphabet.has(sequence & CODE_POINT_MASK, wordEnd > start)) {
          if (wordEnd > start) break;
          this.#at = wordEnd + length;
          return undefined;
        }
      }
      kinds |= kind;
      wordEnd += length;
    }
    this.#at = wordEnd;
    if (!this.lower) return new Bytes(buffer, start, wordEnd);
    if ((kinds & WIDE) === 0) return this.#lowered(start, wordEnd);
    const text = buffer.toString('utf8', start, wordEnd).toLowerCase();
    return new Bytes(Buffer.from(text));
  }

  /** ASCII letters in lower case, in memory of their own that many words share. */
  #lowered(start: number, end: number): Bytes {
    const length = end - start;
    if (lowerUsed + length > lowerCase.length) {
      lowerCase = Buffer.allocUnsafeSlow(Math.max(length, LOWER_CASE_BYTES));
      lowerUsed = 0;
    }
    const from = lowerUsed;
    for (let i = 0; i < length; i++) {
      const byte = this.#buffer[start + i]!;
      lowerCase[from + i] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    }
    lowerUsed += length;
    return new Bytes(lowerCase, from, lowerUsed);
  }
}

const LOWER_CASE_BYTES = 1 << 16;
let lowerCase = Buffer.allocUnsafeSlow(LOWER_CASE_BYTES);
let lowerUsed = 0;

const LENGTH_SHIFT = 24;
const CODE_POINT_MASK = 0xffffff;
const REPLACEMENT = 0xfffd;

/** The code point at `at`, with the number of its bytes above it; U+FFFD with one byte where there is none. */
function codePointAt(buffer: Buffer, at: number, end: number): number {
  const lead = buffer[at]!;
  const length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  if (length === 1 || at + length > end) return (1 << LENGTH_SHIFT) | REPLACEMENT;
  let codePoint = lead & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next++) {
    const byte = buffer[next]!;
    if ((byte & 0xc0) !== 0x80) return (1 << LENGTH_SHIFT) | REPLACEMENT;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const least = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint < least || codePoint > 0x10ffff || isSurrogate) return (1 << LENGTH_SHIFT) | REPLACEMENT;
  return (length << LENGTH_SHIFT) | codePoint;
}
