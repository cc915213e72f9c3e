// Finds the words of a string.

import { type Alphabet, CharacterKind, Words } from './alphabet.ts';

const { NO, YES, UPPER } = CharacterKind;

export class StringWords extends Words<string> {
  readonly #text: string;
  /** The kinds of characters of which a word may consist and be returned as it is in the text. */
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
   * The word that begins at `start`. Its characters before `at` are plain, the one at `at` is not. Returns undefined if no word
   * has begun and that character belongs to none.
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
