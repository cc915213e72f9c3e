import { expect, test } from 'vitest';

import { Pace } from '../../../src/view/pace.ts';

function paceOf(...samples: readonly (readonly [atMs: number, done: number])[]): Pace {
  const pace = new Pace();
  for (const [atMs, done] of samples) pace.add(atMs, done);
  return pace;
}

test('a pace is what was done in the last seconds, and the rest goes on at it', () => {
  const pace = paceOf([0, 0], [1000, 50], [2000, 400]);
  expect(pace.perSecond).toBe(200);
  expect(pace.remainingMs(100)).toBe(500);
});

test('what was long ago does not count', () => {
  const samples = Array.from(
    { length: 100 },
    (_, second) => [second * 1000, second < 80 ? second : 80 + (second - 80) * 10] as const,
  );
  expect(paceOf(...samples).perSecond).toBe(10);
});

test('in the first second, and while nothing is done, nothing is foretold', () => {
  expect(paceOf().perSecond).toBeUndefined();
  expect(paceOf([0, 0], [900, 50]).perSecond).toBeUndefined();
  expect(paceOf([0, 7], [5000, 7]).remainingMs(10)).toBeUndefined();
});

test('where what was done is lost with a worker, the pace is taken anew', () => {
  expect(paceOf([0, 0], [5000, 1000], [6000, 100], [8000, 120]).perSecond).toBe(10);
});
