// Writes merged pairs as lines of text: the key and, if values are numbers, a tab and the number.

import { MERGED_ENDS, MERGED_KEYS, MERGED_NUMBERS } from './memory-layout';
import { mergedPairCount } from './merge-tournament';
import { copyKey } from './key-bytes';

const TAB: u8 = 0x09;
const LF: u8 = 0x0a;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;
/** The most bytes that a number takes: a sign, sixteen digits, a tab and a line end. */
const NUMBER_BYTES: usize = 20;
/** Integers up to this are written here; the host writes other numbers. */
const LARGEST_SAFE: f64 = 9007199254740991;

let linesEnd: usize = 0;

/** The end of the lines that `writeLines` has written. */
export function writtenTo(): usize {
  return linesEnd;
}

/**
 * Writes lines for the merged pairs from `pair` on to `[target, limit)`. Returns the pair at which it has stopped: for lack of
 * room, at a number that is not an integer, or after the last one.
 */
export function writeLines(pair: u32, target: usize, limit: usize, withNumbers: bool): u32 {
  const count = mergedPairCount();
  let key = MERGED_KEYS + (pair == 0 ? 0 : load<u32>(MERGED_ENDS + <usize>(pair - 1) * 4));
  let at = target;
  for (; pair < count; pair++) {
    const end = MERGED_KEYS + load<u32>(MERGED_ENDS + <usize>pair * 4);
    const length = end - key;
    if (at + length + NUMBER_BYTES > limit) break;
    if (withNumbers) {
      const value = load<f64>(MERGED_NUMBERS + <usize>pair * 8);
      if (!(abs(value) <= LARGEST_SAFE) || trunc(value) != value) break;
      copyKey(at, key, length);
      at += length;
      store<u8>(at++, TAB);
      at = writeInteger(at, value);
    } else {
      copyKey(at, key, length);
      at += length;
    }
    store<u8>(at++, LF);
    key = end;
  }
  linesEnd = at;
  return pair;
}

function writeInteger(at: usize, value: f64): usize {
  if (value < 0) store<u8>(at++, MINUS);
  let rest = <u64>abs(value);
  let end = at;
  for (let more = rest; more >= 10; more /= 10) end++;
  for (let digit = end; digit >= at; digit--) {
    store<u8>(digit, ZERO + <u8>(rest % 10));
    rest /= 10;
  }
  return end + 1;
}
