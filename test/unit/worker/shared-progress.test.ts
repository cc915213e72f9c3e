import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { keyPlace } from '../../../src/tasks/current-place.ts';
import { SharedProgress } from '../../../src/worker/shared-progress.ts';

/** Progress as one thread writes it, and as another reads it. */
function twoSides(): [written: SharedProgress, read: SharedProgress] {
  const written = new SharedProgress();
  return [written, new SharedProgress(written.memory)];
}

function begin(progress: SharedProgress, key: string): void {
  const bytes = Buffer.from(key);
  progress.beginKey(bytes, bytes.length);
}

test('there is no place before the first record, and none after the last call of the user’s code', () => {
  const [written, read] = twoSides();
  expect(read.place).toBeUndefined();
  written.beginSlice(2, 'a.txt');
  expect(read.place).toBeUndefined();
  written.beginRecord(0);
  expect(read.place).toEqual({ file: 'a.txt', slice: 2, offset: 0 });
  written.leave();
  expect(read.place).toBeUndefined();
});

test('the place is the last record, or the last key', () => {
  const [written, read] = twoSides();
  written.beginSlice(0, 'a longer name.txt');
  written.beginRecord(2 ** 40);
  written.beginSlice(1, 'é.txt');
  written.beginRecord(12);
  expect(read.place).toEqual({ file: 'é.txt', slice: 1, offset: 12 });
  begin(written, 'another key');
  begin(written, 'key');
  expect(read.place).toEqual({ key: 'key' });
  written.beginKey(written.keyMemory, written.keyMemory.write('a key that stands there'));
  expect(read.place).toEqual({ key: 'a key that stands there' });
  written.records = 3;
  written.bytes = 4;
  expect([read.records, read.bytes]).toEqual([3, 4]);
  written.reset();
  expect(read.isWaiting).toBe(true);
  expect([read.records, read.bytes, read.place]).toEqual([0, 0, undefined]);
});

test('a key of any length is shown as in an error: its first 200 characters, and no half character', () => {
  const [written, read] = twoSides();
  const unit = fc.constantFrom('a', 'é', '好', '😀');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 400, size: 'max' }), (key) => {
      begin(written, key);
      expect(read.place).toEqual(keyPlace(key));
      expect(key.startsWith((read.place as { key: string }).key)).toBe(true);
    }),
  );
  begin(written, `${'😀'.repeat(150)}a`);
  expect(read.place).toEqual({ key: '😀'.repeat(100) });
  begin(written, `a${'😀'.repeat(150)}`);
  expect(read.place).toEqual({ key: `a${'😀'.repeat(99)}` });
});

test('a path that is too long for the memory is cut short', () => {
  const [written, read] = twoSides();
  written.beginSlice(0, 'x'.repeat(10_000));
  written.beginRecord(1);
  expect(read.place).toEqual({ file: 'x'.repeat(4096), slice: 0, offset: 1 });
});
