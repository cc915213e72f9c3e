import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { SystemError } from '../../../src/errors.ts';
import { KeyWindow } from '../../../src/engine/key-window.ts';

/** Characters on both sides of the surrogates, whose UTF-16 order differs from their UTF-8 order. */
const someText = fc.string({
  unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'),
  maxLength: 4,
});

/** Passes pairs through windows of `bytes` bytes, one after another. */
function throughWindows(pairs: readonly (readonly [string, number])[], mostBytes: number): [string, number[]][] {
  const groups: [string, number[]][] = [];
  let from: string | undefined;
  do {
    const window = new KeyWindow(from, mostBytes);
    for (const [key, value] of pairs) {
      if (!window.has(key)) continue;
      window.add(key, value);
      if (window.isFull) window.shrink();
    }
    for (const { key, values } of window.sorted()) groups.push([key, values as number[]]);
    from = window.end;
  } while (from !== undefined);
  return groups;
}

test('small windows in sequence have the groups of a large one', () => {
  const somePairs = fc.array(fc.tuple(someText, fc.nat(9)), { maxLength: 30 });
  fc.assert(
    fc.property(somePairs, fc.integer({ min: 700, max: 3000 }), (pairs, mostBytes) => {
      expect(throughWindows(pairs, mostBytes)).toEqual(throughWindows(pairs, 1 << 30));
    }),
  );
});

test.for([
  ['in any order', (index: number) => `key ${(index * 7919) % 40_000}`],
  ['that come sorted', (index: number) => `key ${String(index).padStart(6, '0')}`],
  ['of which some have characters of two units', (index: number) => `${['😀', '\uffff', 'a'][index % 3]!}${index}`],
] as const)('windows are split correctly with many keys %s', ([, keyOf]) => {
  const pairs = Array.from({ length: 40_000 }, (_, index) => [keyOf(index), index] as const);
  const byBytes = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number =>
    Buffer.compare(Buffer.from(a), Buffer.from(b));
  const expected = pairs.map(([key, value]) => [key, [value]] as const).sort(byBytes);
  // A window of about 13,000 keys: more than are sorted when it is split.
  expect(throughWindows(pairs, 3_000_000)).toEqual(expected);
});

test('a key whose values exceed the memory is named, and the job is not blamed', () => {
  const pairs = Array.from({ length: 1000 }, (_, index) => [index % 9 === 0 ? 'a' : 'hot', index] as const);
  expect(() => throughWindows(pairs, 5000)).toThrow(SystemError);
  expect(() => throughWindows(pairs, 5000)).toThrow(
    /expected up to 0 MiB of them, found more for the key "hot"; give it/,
  );
});
