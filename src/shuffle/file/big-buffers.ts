// Keeps big buffers to be used again. As garbage, one per task, they would pile up until they are collected.

/** The size of each buffer. */
export const BIG_BUFFER_BYTES = 1 << 20;

const idle: Buffer[] = [];

/** A buffer whose content is not cleared. To be given back once, when nothing uses it any more. */
export function takeBigBuffer(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(BIG_BUFFER_BYTES);
}

export function giveBigBuffer(buffer: Buffer): void {
  idle.push(buffer);
}
