import { expect, test } from 'vitest';

import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { Combiner } from '../../../../src/shuffle/combiner.ts';
import { PairBuffer } from '../../../../src/shuffle/collect/pair-buffer.ts';

const add = (a: number, b: number): number => a + b;
/** A buffer that always has room. */
function bufferOf(kernel: Kernel, combiner: Combiner | undefined): PairBuffer {
  return new PairBuffer(kernel, combiner, () => expect.unreachable('there is no room for a key'));
}

const sum = { combine: () => 0, fold: add, adds: true };

test('a table that hardly finds any key twice is given up until the buffer has been cleared', () => {
  const buffer = bufferOf(new Kernel(1 << 24), sum);
  const distinct = 1 << 17;
  for (let key = 0; key < distinct; key++) buffer.add(`key ${key}`, 1);
  expect(buffer.count).toBe(distinct);
  buffer.add('key 0', 1);
  expect(buffer.count).toBe(distinct + 1);
  buffer.clear();
  for (let times = 0; times < 3; times++) buffer.add('key 0', 1);
  expect(buffer.count).toBe(1);
});

test('a table that finds keys is kept', () => {
  const buffer = bufferOf(new Kernel(1 << 24), sum);
  for (let pair = 0; pair < 400_000; pair++) buffer.add(`key ${pair % 60_000}`, 1);
  expect(buffer.count).toBe(60_000);
});

test('without a combiner equal keys are separate pairs', () => {
  const buffer = bufferOf(new Kernel(1000), undefined);
  for (let pair = 0; pair < 5; pair++) buffer.add('key', pair);
  expect(buffer.count).toBe(5);
});

test('a buffer is full when keys and values together take its size', () => {
  const big = 'x'.repeat(1000);
  for (const combiner of [undefined, { combine: () => big }]) {
    const buffer = bufferOf(new Kernel(1 << 16), combiner);
    let pairs = 0;
    while (!buffer.isFull && buffer.add(`key ${pairs}`, big)) pairs++;
    // A text of 1000 characters takes that many bytes in the kernel's memory, and counts as twice that outside of it.
    const textBytes = combiner === undefined ? 1000 : 2000;
    expect(pairs * textBytes).toBeGreaterThan(40_000);
    expect(pairs * textBytes).toBeLessThan(80_000);
  }
});

test('many pairs of few keys take little room, whichever combiner there is', () => {
  for (const combiner of [sum, { combine: () => 'short' }]) {
    const buffer = bufferOf(new Kernel(100_000), combiner);
    let pairs = 0;
    while (pairs < 100_000 && !buffer.isFull && buffer.add(`key ${pairs % 100}`, 1)) pairs++;
    expect(pairs).toBe(100_000);
    expect(buffer.count).toBe(100);
  }
});
