// Finds the words of a text, 64 bytes at a time, with one bit per byte that says whether it belongs to a word. SIMD finds that for
// ASCII. Other characters are decoded and looked up in pages of 256, which the host fills when they are first needed.

import {
  ALPHABET_BYTES,
  ALPHABET_PAGES,
  ALPHABETS,
  LOWER,
  MARKS,
  ALPHABET_PAGE_BYTES,
  TEXT,
  MOST_FOUND,
  FOUND,
} from './memory-layout';
import { addNumber } from './add-to-sums';
import { decode, sequenceLength } from './decode-utf8';

/** Alphabet 0 is letters, 1 letters and digits, 2 marks, which belong to the word that they follow and are never ASCII. */
const WITH_DIGITS: u32 = 1;
const OF_MARKS: u32 = 2;
/** Marks a word that the host has to lower-case. */
const WIDE_WORD: u32 = 0x80000000;

/** Has the host fill a page of an alphabet. */
@external('host', 'readPage')
declare function readPage(alphabet: u32, page: u32): void;

/** Has the host add a word that is not ASCII, in lower case. Returns 0 if the buffer is full. */
@external('host', 'addWideWord')
declare function addWideWord(start: usize, end: usize, value: f64): u32;

/** Which of the current 64 bytes belong to words, and which of these are not ASCII. */
let wordBits: u64 = 0;
let wideBits: u64 = 0;
/** A character that reaches into the next 64 bytes: its end, and whether it belongs to words. */
let sequenceEnd: usize = 0;
let sequenceIsWord: bool = false;

let foundCount: u32 = 0;
let wordCount: u32 = 0;
/** The address at which to go on after `findWords` or `addWords`. */
let position: usize = 0;

export function nextPosition(): usize {
  return position;
}

/** How many words `addWords` has added. */
export function addedWords(): u32 {
  return wordCount;
}

/** Writes the words of `[at, end)` to FOUND, as many as there is room for. Returns their number. */
export function findWords(at: usize, end: usize, alphabet: u32, lower: bool): u32 {
  foundCount = 0;
  scan(at, end, alphabet, lower, false, 0);
  return foundCount;
}

/** Adds `value` to the sum of each word of `[at, end)`. Returns where it stops: before the end if the buffer is full. */
export function addWords(at: usize, end: usize, alphabet: u32, lower: bool, value: f64): usize {
  wordCount = 0;
  scan(at, end, alphabet, lower, true, value);
  return position;
}

function scan(at: usize, end: usize, alphabet: u32, lower: bool, adds: bool, value: f64): void {
  let start: usize = 0;
  let isWide = false;
  sequenceEnd = 0;
  for (let here = at; here < end; here += 64) {
    classify(here, end, alphabet, lower, start != 0);
    let bits = wordBits;
    if (start != 0) {
      const length = ctz(~bits);
      isWide = isWide || (wideBits & lowBits(length)) != 0;
      if (length == 64) continue;
      if (!take(start, here + <usize>length, isWide, lower, adds, value)) return;
      start = 0;
      bits &= ~lowBits(length);
    }
    const wide = wideBits;
    while (bits != 0) {
      const first = ctz(bits);
      // Adding its lowest bit clears a run of ones, and carries a one to where it ends.
      const carried = bits + ((<u64>1) << first);
      const end = ctz(carried);
      bits &= carried;
      isWide = wide != 0 && ((wide >> first) & lowBits(end - first)) != 0;
      if (end == 64) {
        start = here + <usize>first;
        break;
      }
      if (!take(here + <usize>first, here + <usize>end, isWide, lower, adds, value)) return;
    }
  }
  if (start != 0 && !take(start, end, isWide, lower, adds, value)) return;
  position = end;
}

// @ts-ignore: decorator
@inline
function lowBits(count: u64): u64 {
  return count >= 64 ? u64.MAX_VALUE : ((<u64>1) << count) - 1;
}

/** Adds a word, or writes it to FOUND. Returns false if there is no room, with the position at which to go on. */
// @ts-ignore: decorator
@inline
function take(start: usize, end: usize, isWide: bool, lower: bool, adds: bool, value: f64): bool {
  if (adds) {
    let added: bool;
    if (!lower) added = addNumber(start, end - start, value);
    else if (isWide) added = addWideWord(start, end, value) != 0;
    else added = addNumber(start + (LOWER - TEXT), end - start, value);
    if (added) {
      wordCount++;
      return true;
    }
    position = start;
    return false;
  }
  if (foundCount == MOST_FOUND) {
    position = start;
    return false;
  }
  const entry = FOUND + <usize>foundCount * 8;
  foundCount++;
  store<u32>(entry, <u32>start | (lower && isWide ? WIDE_WORD : 0));
  store<u32>(entry, <u32>end, 4);
  return true;
}

/**
 * Sets the bits of the 64 bytes from `at` on, and writes the bytes in lower case if that is asked for. `follows`: whether the
 * character before them belongs to a word.
 */
// @ts-ignore: decorator
@inline
function classify(at: usize, end: usize, alphabet: u32, lower: bool, follows: bool): void {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  let words = isLetter(a) | (isLetter(b) << 16) | (isLetter(c) << 32) | (isLetter(d) << 48);
  if (alphabet == WITH_DIGITS) {
    words |= isDigit(a) | (isDigit(b) << 16) | (isDigit(c) << 32) | (isDigit(d) << 48);
  }
  if (lower) {
    v128.store(at + (LOWER - TEXT), lowered(a));
    v128.store(at + (LOWER - TEXT), lowered(b), 16);
    v128.store(at + (LOWER - TEXT), lowered(c), 32);
    v128.store(at + (LOWER - TEXT), lowered(d), 48);
  }
  wideBits = 0;
  const valid = lowBits(end - at);
  wordBits = words & valid;
  if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) != 0) classifyWide(at, end, alphabet, valid, follows);
}

/** The same for bytes that are not all ASCII. */
function classifyWide(at: usize, end: usize, alphabet: u32, valid: u64, follows: bool): void {
  let wide: u64 = 0;
  for (let i: usize = 0; i < 64; i += 16) wide |= (<u64>i8x16.bitmask(v128.load(at + i))) << i;
  wideBits = wide & valid;
  if (wideBits != 0) wordBits |= wideWordBits(at, end, alphabet, follows);
  wideBits &= wordBits;
}

/** One bit for each of sixteen bytes, set if it is an ASCII letter. If a range is moved to the least signed bytes, it takes one comparison. */
// @ts-ignore: decorator
@inline
function isLetter(bytes: v128): u64 {
  const folded = v128.or(bytes, i8x16.splat(0x20));
  return <u64>(<u32>i8x16.bitmask(i8x16.lt_s(i8x16.add(folded, i8x16.splat(0x1f)), i8x16.splat(-102))));
}

// @ts-ignore: decorator
@inline
function isDigit(bytes: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.lt_s(i8x16.add(bytes, i8x16.splat(0x50)), i8x16.splat(-118))));
}

// @ts-ignore: decorator
@inline
function lowered(bytes: v128): v128 {
  const isUpper = i8x16.lt_s(i8x16.add(bytes, i8x16.splat(0x3f)), i8x16.splat(-102));
  return v128.or(bytes, v128.and(isUpper, i8x16.splat(0x20)));
}

/** Which of the bytes that are not ASCII belong to words. */
function wideWordBits(at: usize, end: usize, alphabet: u32, follows: bool): u64 {
  let words: u64 = 0;
  let rest = wideBits;
  if (sequenceEnd > at) {
    const bits = lowBits(sequenceEnd - at);
    if (sequenceIsWord) words |= bits;
    rest &= ~bits;
  }
  while (rest != 0) {
    const first = ctz(rest);
    const codePoint = decode(at + <usize>first, end);
    let isWord = isIn(ALPHABETS + <usize>alphabet * ALPHABET_BYTES, alphabet, codePoint);
    if (!isWord && (first == 0 ? follows : (((wordBits | words) >> (first - 1)) & 1) != 0)) {
      isWord = isIn(MARKS, OF_MARKS, codePoint);
    }
    const bits = lowBits(sequenceLength) << first;
    if (isWord) words |= bits;
    rest &= ~bits;
    if (first + sequenceLength > 64) {
      sequenceEnd = at + <usize>first + sequenceLength;
      sequenceIsWord = isWord;
    }
  }
  return words;
}

/** The address of an alphabet's table. */
export function alphabetAddress(alphabet: u32): usize {
  return alphabet == OF_MARKS ? MARKS : ALPHABETS + <usize>alphabet * ALPHABET_BYTES;
}

/** Whether an alphabet, whose table is at `base`, contains a character. */
// @ts-ignore: decorator
@inline
function isIn(base: usize, alphabet: u32, codePoint: u32): bool {
  const page = codePoint >> 8;
  if (load<u8>(base + ALPHABET_PAGES * ALPHABET_PAGE_BYTES + page) == 0) readPage(alphabet, page);
  return ((load<u8>(base + <usize>(codePoint >> 3)) >> (codePoint & 7)) & 1) != 0;
}
