// Big buffers that are used again: garbage of this size piles up until it is collected, a task at a time.

/** The size of each. */
export const BIG_BUFFER_BYTES = 1 << 20;

const idle: Buffer[] = [];

/** A buffer with anything in it. Give it back once, when nothing uses it any more. */
export function takeBigBuffer(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(BIG_BUFFER_BYTES);
}

export function giveBigBuffer(buffer: Buffer): void {
  idle.push(buffer);
}
