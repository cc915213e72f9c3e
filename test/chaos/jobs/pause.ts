// Waits now and then, so that faults can happen meanwhile.

const cell = new Int32Array(new SharedArrayBuffer(4));
let calls = 0;

export function pause(ms: number, every: number): void {
  if (++calls % every === 0 && ms > 0) Atomics.wait(cell, 0, 0, ms);
}
