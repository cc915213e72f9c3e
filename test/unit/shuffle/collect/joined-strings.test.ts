import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Kernel } from '../../../../src/kernel/kernel.ts';
import { Sorter } from '../../../../src/shuffle/collect/sorter.ts';
import { byKey, readSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

type Value = string | number | null;

/** The output of a sorter, with one partition, for pairs that are added as strings. */
function sorted(pairs: readonly (readonly [string, Value])[], bufferBytes: number): [string, unknown][] {
  using kernel = Kernel.lease(bufferBytes);
  const path = join(temporaryFolder(), 'sorted');
  const sorter = new Sorter({ path, partitioning: { count: 1 }, kernel, fanIn: 4 });
  for (const [key, value] of pairs) sorter.add(key, value);
  sorter.finish();
  sorter.discard();
  return readSortedFile(path)
    .flat()
    .map(([key, value]) => [key.toString(), value]);
}

function expected(pairs: readonly (readonly [string, Value])[]): [string, Value][] {
  return pairs
    .map(([key, value]): [Buffer, Value] => [Buffer.from(key), value])
    .toSorted(byKey)
    .map(([key, value]) => [key.toString(), value]);
}

const character = fc.constantFrom('a', 'b', 'long enough to be sixteen', 'é', '日', '\u{1f433}', '\0');
const text = fc.string({ unit: character, maxLength: 5 });
/** Some strings have halves of characters, which become whole if they meet. */
const key = fc.string({ unit: fc.oneof(character, fc.constantFrom('\ud83d', '\udc33')), maxLength: 5 });
const values = fc.constantFrom<fc.Arbitrary<Value>[]>(
  text,
  fc.constant(null),
  fc.constantFrom(1, 2.5),
  fc.oneof(text, fc.constantFrom(null, 7)),
);
const pairs = values.chain((value) => fc.array(fc.tuple(key, value), { maxLength: 30, size: 'max' }));

test('strings that are written at once come out like strings that are written one by one', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(1, 100, 1000, 1 << 20), (pairs, bufferBytes) => {
      expect(sorted(pairs, bufferBytes)).toEqual(expected(pairs));
    }),
    { numRuns: 60 },
  );
});

test.for([
  ['texts', (at: number): Value => `text ${at} ${'é'.repeat(at % 3)}`],
  ['nulls', (): Value => null],
  ['numbers', (at: number): Value => at % 2],
] as const)('more pairs than are written at once keep their order, also if the buffer spills: %s', ([, valueOf]) => {
  const pairs = Array.from({ length: 5000 }, (_, at) => [`key ${(at * 7919) % 900}`, valueOf(at)] as const);
  for (const bufferBytes of [20_000, 1 << 20]) expect(sorted(pairs, bufferBytes)).toEqual(expected(pairs));
});
