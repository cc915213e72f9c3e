// Finds the ends of lines, 64 bytes at a time.

import { LINE_ENDS, MOST_LINE_ENDS } from './memory-layout';

const LF: i8 = 0x0a;
const STEP: usize = 64;

let searchedTo: usize = 0;

/** The address up to which `findLineEnds` has searched. */
export function lineEndsSearchedTo(): usize {
  return searchedTo;
}

/** Writes the address of each LF in `[at, end)` to LINE_ENDS until there is no room for more. Returns how many it has written. */
export function findLineEnds(at: usize, end: usize): u32 {
  const most = LINE_ENDS + (<usize>MOST_LINE_ENDS - STEP) * 4;
  let target = LINE_ENDS;
  for (; at < end && target <= most; at += STEP) {
    let bits = lineEndBits(at, 0) | (lineEndBits(at, 16) << 16) | (lineEndBits(at, 32) << 32) | (lineEndBits(at, 48) << 48);
    if (end - at < STEP) bits &= ((<u64>1) << <u64>(end - at)) - 1;
    for (; bits != 0; bits &= bits - 1) {
      store<u32>(target, <u32>at + <u32>ctz(bits));
      target += 4;
    }
  }
  searchedTo = at < end ? at : end;
  return <u32>((target - LINE_ENDS) >> 2);
}

/** One bit for each of sixteen bytes, set if the byte is LF. */
// @ts-ignore: decorator
@inline
function lineEndBits(at: usize, offset: usize): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at + offset), i8x16.splat(LF))));
}
