import { expect, test, vi } from 'vitest';

import { PacedProgress } from '../../../../src/driver/loop/paced-progress.ts';

test('of a flood of progress one per second is passed on: the first at once, then the last of each second', () => {
  vi.useFakeTimers();
  try {
    const passed: [atMs: number, progress: number][] = [];
    const startMs = performance.now();
    const pace = new PacedProgress<number>((progress) => passed.push([performance.now() - startMs, progress]));
    for (let at = 0; at < 3000; at++) {
      for (let line = 0; line < 10; line++) pace.take(at);
      vi.advanceTimersByTime(1);
    }
    expect(passed).toEqual([
      [0, 0],
      [1000, 999],
      [2000, 1999],
      [3000, 2999],
    ]);
    pace.take(3000);
    pace.end();
    vi.advanceTimersByTime(5000);
    expect(passed).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});

test('progress that comes a little less than a second after the last is passed on when the second is over', () => {
  vi.useFakeTimers();
  try {
    const passed: number[] = [];
    const pace = new PacedProgress<number>((progress) => passed.push(progress));
    for (let line = 0; line < 5; line++) {
      pace.take(line);
      vi.advanceTimersByTime(999);
    }
    vi.advanceTimersByTime(10);
    expect(passed).toEqual([0, 1, 2, 3, 4]);
  } finally {
    vi.useRealTimers();
  }
});
