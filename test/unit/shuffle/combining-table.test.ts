import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { CombiningTable } from '../../../src/shuffle/combining-table.ts';
import { PairColumns } from '../../../src/shuffle/pair-columns.ts';

const join = (_key: string, values: Iterable<unknown>): unknown => [...values].flat().join('').slice(-50);
const value = fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer(), { maxLength: 3 }));

test('what the columns count is bounded by what few keys can hold, and never negative', () => {
  const pairs = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), value), { maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(pairs, (pairs) => {
      const columns = new PairColumns();
      const table = new CombiningTable(columns, { combine: join });
      for (const [key, value] of pairs) table.add(key, value);
      const counted = columns.valueBytes;
      expect(counted).toBeLessThan(3 * (200 + 17 * 300));
      expect(counted).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('many pairs of few keys count little, whatever combines them', () => {
  const columns = new PairColumns();
  const add = (_key: string, values: Iterable<unknown>): number =>
    [...(values as Iterable<number>)].reduce((a, b) => a + b);
  const table = new CombiningTable(columns, { combine: add });
  for (let pair = 0; pair < 300_000; pair++) table.add(`key ${pair % 100}`, 1);
  expect(columns.valueBytes).toBeGreaterThan(0);
  expect(columns.valueBytes).toBeLessThan(100 * 1000);
});

test('keys that are made to collide clog the table, and others do not', () => {
  const collide = (at: number): string =>
    Array.from({ length: 10 }, (_, bit) => ((at >> bit) & 1 ? 'Aa' : 'BB')).join('');
  for (const [name, clogged] of [
    [collide, true],
    [String, false],
  ] as const) {
    const table = new CombiningTable(new PairColumns(), { combine: join });
    for (let at = 0; at < 1000; at++) table.add(name(at), 1);
    expect(table.isClogged).toBe(clogged);
  }
});
