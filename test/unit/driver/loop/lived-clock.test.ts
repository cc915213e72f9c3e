import { expect, test } from 'vitest';

import { LivedClock, TICK_MS } from '../../../../src/driver/loop/lived-clock.ts';

/** A clock that shows these times, one after the other. */
function readings(sinceMs: number, ...times: readonly number[]): { at: number; absentMs: number }[] {
  let next = 0;
  const clock = new LivedClock(() => times[next]!, sinceMs);
  return times.map((_, index) => {
    next = index;
    return clock.read();
  });
}

test('a driver that reads the clock at each tick was never absent, even if ticks are late', () => {
  expect(readings(0, 5000, 5250, 5251, 6251)).toEqual([
    { at: 5000, absentMs: 0 },
    { at: 5250, absentMs: 0 },
    { at: 5251, absentMs: 0 },
    { at: 6251, absentMs: 0 },
  ]);
});

test('a driver that reads the clock after a longer time was absent, except for one tick', () => {
  expect(readings(0, 5000, 6001, 66_001).map(({ absentMs }) => absentMs)).toEqual([
    0,
    1001 - TICK_MS,
    60_000 - TICK_MS,
  ]);
});

test('a clock that is set back stands still until it has caught up', () => {
  expect(readings(0, 5000, 2000, 4900, 5100).map(({ at }) => at)).toEqual([5000, 5000, 5000, 5100]);
});

test('a driver that resumes a run continues its time, even if the clock was set back in between', () => {
  expect(readings(9000, 5000, 5250, 65_250)).toEqual([
    { at: 9000, absentMs: 0 },
    { at: 9250, absentMs: 0 },
    { at: 69_250, absentMs: 60_000 - TICK_MS },
  ]);
  expect(readings(3000, 5000, 5250).map(({ at }) => at)).toEqual([5000, 5250]);
});
