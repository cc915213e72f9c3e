import { expect, test } from 'vitest';

import { bytesText, countText, durationText, plural, secondsText } from '../../../src/view/numbers.ts';

test.for([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [1234, '1.23 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [1_234_567, '1.23 MB'],
  [64 * 1024 * 1024, '67.1 MB'],
  [5e9, '5.00 GB'],
  [123e12, '123 TB'],
] as const)('%i bytes are %s', ([bytes, text]) => {
  expect(bytesText(bytes)).toBe(text);
});

test('large counts have commas', () => {
  expect([0, 999, 1000, 1_234_567, -123_456, 1234.5].map(countText)).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
    '-123,456',
    '1,234.5',
  ]);
});

test('a noun is singular after 1 and plural after any other number', () => {
  expect([plural(0, 'task'), plural(1, 'task'), plural(2, 'task'), plural(1000, 'task')]).toEqual([
    '0 tasks',
    '1 task',
    '2 tasks',
    '1,000 tasks',
  ]);
});

test('milliseconds are shown as seconds with two decimals', () => {
  expect([secondsText(0), secondsText(1234.4), secondsText(61_000)]).toEqual(['0.00 s', '1.23 s', '61.00 s']);
});

test('a duration is in a unit that suits it', () => {
  expect([0, 7, 400, 996, 4000, 59_400, 59_960, 65_000, 3_600_000, 12_345_678].map(durationText)).toEqual([
    '0.00 s',
    '7 ms',
    '0.40 s',
    '1.0 s',
    '4.0 s',
    '59.4 s',
    '1 min 0 s',
    '1 min 5 s',
    '1 h 0 min',
    '3 h 25 min',
  ]);
});
