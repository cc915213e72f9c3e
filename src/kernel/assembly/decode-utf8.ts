// Decodes UTF-8: the code point at an address, and whether bytes are UTF-8 at all. Source: Unicode Standard, table 3-7.

import { lowBytes } from './key-bytes';

const REPLACEMENT: u32 = 0xfffd;

/** The bytes of the character that was decoded last. */
export let sequenceLength: u32 = 1;

/** The code point at `at`, and its length in `sequenceLength`; U+FFFD and one byte if no character is there. */
export function decode(at: usize, end: usize): u32 {
  const lead: u32 = load<u8>(at);
  const length: u32 = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  sequenceLength = 1;
  if (length == 1 || at + length > end) return REPLACEMENT;
  let codePoint = lead & (0xff >> (length + 1));
  for (let i: usize = 1; i < length; i++) {
    const byte: u32 = load<u8>(at + i);
    if ((byte & 0xc0) != 0x80) return REPLACEMENT;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const least: u32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint < least || codePoint > 0x10ffff || isSurrogate) return REPLACEMENT;
  sequenceLength = length;
  return codePoint;
}

/** Whether all of `length` bytes are whole characters. */
// @ts-ignore: decorator
@inline
export function isUtf8(at: usize, length: usize): bool {
  return isAscii(at, length) || isWideUtf8(at, length);
}

// @ts-ignore: decorator
@inline
function isAscii(at: usize, length: usize): bool {
  let bits: u64 = 0;
  while (length >= 8) {
    bits |= load<u64>(at);
    at += 8;
    length -= 8;
  }
  bits |= load<u64>(at) & lowBytes(length);
  return (bits & 0x8080808080808080) == 0;
}

/** The same, for bytes that are not all ASCII. */
export function isWideUtf8(at: usize, length: usize): bool {
  const end = at + length;
  while (at < end) {
    if (load<u8>(at) < 0x80) {
      at++;
      continue;
    }
    decode(at, end);
    if (sequenceLength == 1) return false;
    at += sequenceLength;
  }
  return true;
}
