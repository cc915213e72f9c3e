import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { LineSums } from '../../../src/inspect/line-sums.ts';

/** The sums of a text that comes in pieces of the given number of bytes. */
function sumsOf(text: string, pieceBytes = 3): LineSums {
  const sums = new LineSums();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) sums.add(bytes.subarray(at, at + pieceBytes));
  return sums;
}

const someLines = fc.array(fc.stringMatching(/^[ab\té]{0,3}$/), { maxLength: 8 });
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test('the same lines have the same sums in another order, and in other pieces', () => {
  const shuffled = someLines.chain((lines) =>
    fc.tuple(
      fc.constant(lines),
      fc.shuffledSubarray(lines, { minLength: lines.length }),
      fc.integer({ min: 1, max: 9 }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([lines, others, pieceBytes]) => {
      const sums = sumsOf(textOf(others), pieceBytes);
      expect(sums.equals(sumsOf(textOf(lines)))).toBe(true);
      expect(sums.lines).toBe(lines.length);
    }),
  );
});

test('two texts have the same sums if, and only if, they have the same lines', () => {
  fc.assert(
    fc.property(someLines, someLines, (some, others) => {
      const areSame = textOf(some.toSorted()) === textOf(others.toSorted());
      expect(sumsOf(textOf(some)).equals(sumsOf(textOf(others)))).toBe(areSame);
    }),
    { numRuns: 2000 },
  );
});

test.for([
  ['values that changed their keys', 'a\t1\nb\t2\n', 'a\t2\nb\t1\n'],
  ['a line twice and another once', 'a\na\nb\n', 'a\nb\nb\n'],
  ['a line without an end', 'a\nb\n', 'a\nb'],
  ['an empty line', 'a\n', 'a\n\n'],
  ['a line end elsewhere', 'ab\nc\n', 'a\nbc\n'],
  ['zeros', '\0\n', '\0\0\n'],
])('different lines have different sums: %s', ([, one, other]) => {
  expect(sumsOf(one!).equals(sumsOf(other!))).toBe(false);
});
