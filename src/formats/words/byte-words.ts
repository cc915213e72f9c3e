// Finds the words of UTF-8 bytes, as views of these, or of their own memory if they have to be lower-cased.

import { Bytes } from '../../bytes.ts';
import { type Alphabet, CharacterKind, Words } from './alphabet.ts';

const { NO, YES, WIDE } = CharacterKind;

export class ByteWords extends Words<Bytes> {
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
      let kind: number = NO;
      while (at < end && (kind = ascii[buffer[at]!]!) === NO) at++;
      const start = at;
      // Most words are lower-case ASCII, for which this loop is enough.
      while (at < end && (kind = ascii[buffer[at]!]!) === YES) at++;
      this.#at = at;
      if (at === end || kind === NO) return start === at ? undefined : new Bytes(buffer, start, at);
      const word = this.#unusualWord(start, at);
      if (word !== undefined) return word;
    }
    return undefined;
  }

  /**
   * The word that begins at `start`. Its bytes before `at` are lower-case ASCII, the one at `at` is not. Returns undefined if no
   * word has begun and that byte's character belongs to none.
   */
  #unusualWord(start: number, at: number): Bytes | undefined {
    const buffer = this.#buffer;
    const { ascii } = this.alphabet;
    const end = this.#end;
    let wordEnd = at;
    let kinds = 0;
    for (let kind: number = NO; wordEnd < end && (kind = ascii[buffer[wordEnd]!]!) !== NO;) {
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

  /** The ASCII word `[start, end)` in lower case, in memory that many words share. */
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

/** The code point at `at`, with its number of bytes in the bits above; U+FFFD with one byte if no character is there. */
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
