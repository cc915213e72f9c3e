// The order of keys: by their UTF-8 bytes, as `LC_ALL=C sort` has it.

/** Negative, zero or positive as `a[aStart, aEnd)` comes before, equals or comes after `b[bStart, bEnd)`. */
export function compareKeys(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shared; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
