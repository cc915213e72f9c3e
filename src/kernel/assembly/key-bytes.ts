// Compares and copies keys, eight and sixteen bytes at a time.

/** A mask of the first `length` bytes of eight. */
// @ts-ignore: decorator
@inline
export function lowBytes(length: usize): u64 {
  return length >= 8 ? u64.MAX_VALUE : ((<u64>1) << (<u64>length * 8)) - 1;
}

/** How many of the first `length` bytes at `a` and `b` are the same. */
// @ts-ignore: decorator
@inline
export function sameBytes(a: usize, b: usize, length: u32): u32 {
  let same: u32 = 0;
  while (same < length) {
    const difference = load<u64>(a + same) ^ load<u64>(b + same);
    if (difference != 0) {
      same += <u32>(ctz(difference) >> 3);
      break;
    }
    same += 8;
  }
  return same < length ? same : length;
}

/** Whether two keys of one length are the same. */
// @ts-ignore: decorator
@inline
export function sameKey(a: usize, b: usize, length: u32): bool {
  return sameBytes(a, b, length) == length;
}

/** Negative, zero or positive as key `a` comes before, equals, or comes after key `b`. Their first `known` bytes are known to be the same, where a missing byte counts as zero. */
// @ts-ignore: decorator
@inline
export function compareFrom(known: u32, a: usize, lengthA: u32, b: usize, lengthB: u32): i32 {
  const shorter = lengthA < lengthB ? lengthA : lengthB;
  if (shorter > known) {
    const same = known + sameBytes(a + known, b + known, shorter - known);
    if (same < shorter) return <i32>load<u8>(a + same) - <i32>load<u8>(b + same);
  }
  return <i32>lengthA - <i32>lengthB;
}

/** Copies a key. May write up to 15 bytes beyond it, so what follows has to be written later. */
// @ts-ignore: decorator
@inline
export function copyKey(target: usize, source: usize, length: usize): void {
  if (length > 128) memory.copy(target, source, length);
  else for (let i: usize = 0; i < length; i += 16) v128.store(target + i, v128.load(source + i));
}
