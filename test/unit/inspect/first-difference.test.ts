import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Difference, firstDifference } from '../../../src/inspect/first-difference.ts';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const blocksOf = (lines: readonly string[]) => (): Buffer[] => [Buffer.from(lines.map((line) => `${line}\n`).join(''))];

/** The first difference, found by sorting all lines. */
function naive(expected: readonly string[], found: readonly string[]): Difference | undefined {
  const [some, others] = [expected.toSorted(byBytes), found.toSorted(byBytes)];
  for (let at = 0; at < Math.max(some.length, others.length); at++)
    if (some[at] !== others[at]) return { expected: some[at], found: others[at] };
  return undefined;
}

const someLines = fc.array(fc.stringMatching(/^[ab\t\u{ffff}😀]{0,3}$/u), { maxLength: 12 });

test('the first difference is the one that sorting both streams gives, however little memory there is', () => {
  fc.assert(
    fc.property(someLines, someLines, fc.constantFrom(1, 250, 1 << 20), (expected, found, mostBytes) => {
      expect(firstDifference(blocksOf(expected), blocksOf(found), mostBytes)).toEqual(naive(expected, found));
    }),
    { numRuns: 1000 },
  );
});

test('lines that differ only in the part that is not held differ in the checksum of that part', () => {
  const line = (end: string): string => `key\t${'x'.repeat(3 << 20)}${end}`;
  const [expected, found] = [blocksOf(['a', line('1')]), blocksOf([line('2'), 'a'])];
  expect(firstDifference(expected, blocksOf([line('1'), 'a']), 1 << 28)).toBeUndefined();
  const { expected: wanted, found: had } = firstDifference(expected, found, 1 << 28)!;
  for (const text of [wanted!, had!]) {
    expect(text).toMatch(/^key\tx+\.\.\. \(2097153 more bytes, of checksum \d+\)$/);
    expect(text.length).toBeLessThan((1 << 20) + 100);
  }
  expect(wanted).not.toBe(had);
});
