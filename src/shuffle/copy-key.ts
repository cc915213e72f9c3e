// Copies the bytes of a key.

/** Shorter keys are copied byte by byte: a call of the native copy takes longer than the few bytes of most. */
const SHORT_BYTES = 32;

/** Copies the key `source[start, end)` to `at` in `target`. */
export function copyKey(source: Buffer, start: number, end: number, target: Buffer, at: number): void {
  if (end - start > SHORT_BYTES) source.copy(target, at, start, end);
  else for (let i = start; i < end; i++) target[at + i - start] = source[i]!;
}
