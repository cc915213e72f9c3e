import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import { topTable } from '../../../src/terminal/top-table.ts';

const options = { columns: 40, plot: false, paint: (bar: string) => bar };

function rows(pairs: readonly (readonly [string, string])[], more: Partial<typeof options> = {}): string[] {
  return topTable(
    pairs.map(([key, value]) => ({ key, value })),
    { ...options, ...more },
  );
}

test('numbers are aligned right, texts left', () => {
  expect(
    rows([
      ['the', '1200'],
      ['and', '7'],
    ] as const),
  ).toEqual(['  value  key', '   1200  the', '      7  and']);
  expect(
    rows([
      ['the', '[1,2]'],
      ['and', 'x'],
    ] as const),
  ).toEqual(['  value  key', '  [1,2]  the', '  x      and']);
});

test('a key that is too long is cut, and wide characters count as two', () => {
  expect(
    rows(
      [
        ['x'.repeat(5000), '1'],
        ['日本'.repeat(40), '2'],
      ] as const,
      { columns: 20 },
    ),
  ).toEqual(['  value  key', '      1  xxxxxxxxxx…', '      2  日本日本日…']);
});

test('characters that a terminal would obey are shown as escapes in a table', () => {
  expect(rows([['\u001B[2J\ta', '\u0007']] as const)[1]).toBe('  \\x07   \\x1b[2J\\ta');
});

test('the lengths of bars are proportional to the values', () => {
  expect(
    rows(
      [
        ['a', '100'],
        ['bb', '50'],
        ['c', '-25'],
        ['d', '0'],
      ] as const,
      { plot: true, columns: 28 },
    ),
  ).toEqual(['  a   █████████████████ 100', '  bb  ████████▌ 50', '  c   ████▎ -25', '  d    0']);
});

test('a single value, only zeros, and infinite values can be drawn', () => {
  expect(rows([['a', '0']], { plot: true })).toEqual(['  a   0']);
  expect(
    rows(
      [
        ['a', 'Infinity'],
        ['b', '1'],
      ],
      { plot: true, columns: 30 },
    )[1],
  ).toBe('  b   1');
});

test('no line of a table is wider than the terminal, whatever the data', () => {
  const pair = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer());
  fc.assert(
    fc.property(
      fc.array(pair, { minLength: 1 }),
      fc.integer({ min: 40, max: 200 }),
      fc.boolean(),
      (pairs, columns, plot) => {
        for (const line of rows(
          pairs.map(([key, value]) => [key, String(value)] as const),
          { columns, plot },
        ))
          expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      },
    ),
  );
});
