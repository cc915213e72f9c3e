// Finds the byte position of a UTF-16 index of a decoded string, also if its bytes are not UTF-8.

/**
 * The number of bytes at `start` that a decoder turns into one code point: a whole sequence, or the longest prefix of one, which
 * becomes U+FFFD ("maximal subpart", Unicode Standard, section 3.9, table 3-7).
 */
function sequenceLength(bytes: Uint8Array, start: number, end: number): { length: number; wide: boolean } {
  const lead = bytes[start]!;
  const follow = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
  let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  let length = 1;
  while (length <= follow && start + length < end) {
    const byte = bytes[start + length]!;
    if (byte < low || byte > high) break;
    low = 0x80;
    high = 0xbf;
    length++;
  }
  return { length, wide: length === 4 };
}

/**
 * The byte position, from `start` on, of UTF-16 code unit `index` of the string that `bytes[start, end)` decodes to.
 * For an index inside a surrogate pair it is the position after the pair's bytes.
 */
export function bytePosition(bytes: Uint8Array, start: number, end: number, index: number): number {
  let position = start;
  for (let unit = 0; unit < index && position < end; unit++) {
    const { length, wide } = sequenceLength(bytes, position, end);
    if (wide) unit++;
    position += length;
  }
  return position;
}
