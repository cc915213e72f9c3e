import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes, type Key } from '../../../../src/bytes.ts';
import { words } from '../../../../src/formats/words/words.ts';
import { isWordScan, Kernel, type WordScan } from '../../../../src/kernel/kernel.ts';
import type { Combiner } from '../../../../src/shuffle/combiner.ts';
import { partitionOf } from '../../../../src/shuffle/partition.ts';
import { Sorter } from '../../../../src/shuffle/collect/sorter.ts';
import { inText } from '../../../fixtures/kernels.ts';
import { byKey, type Pair, readSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';
import { WAYS, wordsOf, wordTexts } from '../../../fixtures/word-texts.ts';

const PARTITIONS = 3;
const BUDGETS = [1, 130, 150, 300, 1000, 5000, 1 << 20];

const add = (a: number, b: number): number => a + b;
const addAll: Combiner['combine'] = (_key, values) => [...(values as Iterable<number>)].reduce(add);
const joinAll: Combiner['combine'] = (_key, values) => [...values].flat();
const SUM: Combiner = { combine: addAll, fold: add, adds: true };
const COMBINERS: Readonly<Record<string, Combiner | undefined>> = {
  none: undefined,
  'sum that the kernel knows': SUM,
  'sum with a fold': { combine: addAll, fold: add },
  'sum without one': { combine: addAll },
};

/** The output of a sorter, as text, because comparing large buffers takes long. */
function sorted(kernel: Kernel, combiner: Combiner | undefined, fill: (sorter: Sorter) => void): [string, unknown][][] {
  const path = join(temporaryFolder(), 'sorted');
  const sorter = new Sorter({ path, partitioning: { count: PARTITIONS }, combiner, kernel, fanIn: 3 });
  fill(sorter);
  sorter.finish();
  sorter.discard();
  return comparable(readSortedFile(path));
}

/** The output that it has to have. */
function expected(
  pairs: readonly (readonly [string, unknown])[],
  combiner: Combiner | undefined,
): [string, unknown][][] {
  const values = new Map<string, unknown[]>();
  for (const [key, value] of pairs) {
    const wellFormed = key.toWellFormed();
    const known = values.get(wellFormed);
    if (known === undefined) values.set(wellFormed, [value]);
    else known.push(value);
  }
  const left = [...values].flatMap(([key, all]): Pair[] =>
    combiner === undefined || all.length === 1
      ? all.map((value) => [Buffer.from(key), value])
      : [[Buffer.from(key), combiner.combine(key, all)]],
  );
  return comparable(
    Array.from({ length: PARTITIONS }, (_, partition) =>
      left.filter(([key]) => partitionOf(key, 0, key.length, { count: PARTITIONS }) === partition).toSorted(byKey),
    ),
  );
}

function comparable(partitions: readonly (readonly Pair[])[]): [string, unknown][][] {
  return partitions.map((pairs) => pairs.map(([key, value]) => [Buffer.from(key).toString('latin1'), value]));
}

/** The words of a text in a kernel's memory, as `emit.each` gets them. */
function scanOf(text: Bytes, options: Parameters<typeof words>[1]): WordScan {
  const found: object = words(text, options);
  if (!isWordScan(found)) throw new Error('expected words that the kernel finds');
  return found;
}

test.for(Object.keys(COMBINERS))(
  'words that are added at once count like words that are added one by one: combiner %s',
  (name) => {
    const combiner = COMBINERS[name];
    const way = fc.record({
      options: fc.constantFrom(...WAYS),
      budget: fc.constantFrom(...BUDGETS),
      value: fc.constantFrom(1, 0.5, -3),
      at: fc.nat({ max: 70 }),
    });
    fc.assert(
      fc.property(fc.array(wordTexts, { maxLength: 4 }), way, (texts, { options, budget, value, at }) => {
        using kernel = Kernel.lease(budget);
        const found = texts.flatMap((text) => wordsOf(text.toString(), options));
        let count = 0;
        const left = sorted(kernel, combiner, (sorter) => {
          for (const text of texts) {
            count += sorter.addWords(scanOf(inText(kernel, text, at), options), value);
            sorter.flush();
          }
        });
        expect(count).toBe(found.length);
        expect(left).toEqual(
          expected(
            found.map((word) => [word, value]),
            combiner,
          ),
        );
      }),
      { numRuns: 20 },
    );
  },
);

test.for(['x', 'É', '日', '\u{10400}'])(
  'words longer than the buffer are added like all others: of %s',
  (character) => {
    const long = character.repeat(2000);
    const text = `a ${long} b a ${long} ${long.slice(2)} b a`.repeat(3);
    for (const options of WAYS) {
      for (const budget of [500, 9000]) {
        using kernel = Kernel.lease(budget);
        const left = sorted(kernel, SUM, (sorter) => {
          sorter.addWords(scanOf(inText(kernel, Buffer.from(text)), options), 2);
        });
        expect(left).toEqual(
          expected(
            wordsOf(text, options).map((word) => [word, 2]),
            SUM,
          ),
        );
      }
    }
  },
);

test('words of which some have been taken are added from there on', () => {
  const text = Array.from({ length: 600 }, (_, at) => `Word${at % 50}`);
  for (const taken of [0, 1, 255, 256, 257, 599, 600]) {
    using kernel = Kernel.lease(2000);
    const left = sorted(kernel, SUM, (sorter) => {
      const scan = scanOf(inText(kernel, Buffer.from(text.join(' '))), {});
      for (let step = 0; step < taken; step++) scan.next();
      expect(sorter.addWords(scan, 1)).toBe(600 - taken);
      expect(sorter.addWords(scan, 1)).toBe(0);
    });
    expect(left).toEqual(
      expected(
        text.slice(taken).map((word) => [word.toLowerCase(), 1]),
        SUM,
      ),
    );
  }
});

test('more than a hundred thousand different words are added, although the table is given up on the way', () => {
  using kernel = Kernel.lease(1 << 22);
  const texts = Array.from({ length: 4 }, (_, part) =>
    Array.from({ length: 50_000 }, (_, at) => `w${part * 50_000 + at}${at % 8 === 0 ? ' the' : ''}`).join(' '),
  );
  const [...left] = sorted(kernel, SUM, (sorter) => {
    for (const text of texts) expect(sorter.addWords(scanOf(inText(kernel, Buffer.from(text)), {}), 1)).toBe(56_250);
  }).flat();
  expect(left).toHaveLength(200_001);
  expect(left.filter(([, count]) => count !== 1)).toEqual([['the', 25_000]]);
});

/** The distance of keys in the input block, where they may wait to be added. */
const KEY_ROOM = 500;

/** The key of pair number `at`, in one of the forms in which a job may have it. */
function keyIn(form: string, key: Buffer, at: number, kernel: Kernel): Key {
  if (form === 'a string') return key.toString();
  if (form === 'bytes of the input') return inText(kernel, key, at * KEY_ROOM + 3);
  return new Bytes(Buffer.concat([Buffer.from('<'), key, Buffer.from('>')]), 1, 1 + key.length);
}

const key = fc.oneof(
  fc
    .constantFrom('', 'a', 'b', 'é', 'é\0', '日本語', 'k'.repeat(31), 'k'.repeat(33), 'é'.repeat(200))
    .map((key) => Buffer.from(key)),
  fc.uint8Array({ maxLength: 3 }).map((key) => Buffer.from(key)),
);
const form = fc.constantFrom('a string', 'bytes of the input', 'other bytes');
const number = fc.constantFrom(0, -0, 1, -1.5, NaN, Infinity, Number.MIN_VALUE);
const values = fc.constantFrom<fc.Arbitrary<unknown>[]>(
  number,
  fc.constant(null),
  fc.oneof(number, fc.constantFrom(null, 'text', true)),
  fc.oneof(fc.constant(null), fc.constantFrom(1, 2)),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.constantFrom(undefined, 'x'.repeat(2000), { a: [1] }),
);
const pairs = values.chain((value) => fc.array(fc.tuple(key, form, value), { maxLength: 40, size: 'max' }));

/** Adds a pair, first the quick way if that is asked for. */
function addPair(sorter: Sorter, quickly: boolean, key: Key, value: unknown): void {
  if (!quickly || !sorter.addAlike(key, value)) sorter.add(key, value);
}

test('a key is the same in all forms, with any values, whatever the size of the buffer', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(...BUDGETS), fc.boolean(), (pairs, budget, quickly) => {
      using kernel = Kernel.lease(budget);
      const left = sorted(kernel, undefined, (sorter) => {
        for (const [at, [key, form, value]] of pairs.entries())
          addPair(sorter, quickly, keyIn(form, key, at, kernel), value);
      });
      // MessagePack has only one zero among its integers.
      const plain = (partitions: [string, unknown][][]): [string, unknown][][] =>
        partitions.map((list) => list.map(([key, value]) => [key, value === 0 ? 0 : value]));
      expect(plain(left)).toEqual(
        plain(
          expected(
            pairs.map(([key, , value]) => [key.toString(), value]),
            undefined,
          ),
        ),
      );
    }),
    { numRuns: 20 },
  );
});

test('the combiner gets values of all kinds, each once and in order', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(...BUDGETS), fc.boolean(), (pairs, budget, quickly) => {
      using kernel = Kernel.lease(budget);
      const wrapped = pairs.map(([key, form, value], at) => [key, form, [at, value === 0 ? 0 : value]] as const);
      const left = sorted(kernel, { combine: joinAll }, (sorter) => {
        for (const [at, [key, form, value]] of wrapped.entries())
          addPair(sorter, quickly, keyIn(form, key, at, kernel), value);
      });
      expect(left).toEqual(
        expected(
          wrapped.map(([key, , value]) => [key.toString(), value]),
          { combine: joinAll },
        ),
      );
    }),
    { numRuns: 20 },
  );
});

test('numbers are added up for all forms of a key, the quick way and the slow way', () => {
  const numbers = fc.array(fc.tuple(key, form, fc.constantFrom(1, 1, 1, 2, 0.5)), {
    maxLength: 60,
    size: 'max',
  });
  fc.assert(
    fc.property(numbers, fc.constantFrom(...BUDGETS), fc.boolean(), (pairs, budget, quickly) => {
      using kernel = Kernel.lease(budget);
      const left = sorted(kernel, SUM, (sorter) => {
        for (const [at, [key, form, value]] of pairs.entries())
          addPair(sorter, quickly, keyIn(form, key, at, kernel), value);
      });
      expect(left).toEqual(
        expected(
          pairs.map(([key, , value]) => [key.toString(), value]),
          SUM,
        ),
      );
    }),
    { numRuns: 40 },
  );
});

test('an invalid key is not taken the quick way either', () => {
  using kernel = Kernel.lease(1 << 20);
  sorted(kernel, SUM, (sorter) => {
    const view = inText(kernel, Buffer.from('abc'));
    sorter.add(view, 1);
    for (const [start, end] of [
      [-1, 2],
      [2, 1],
      [0, kernel.text.length + 1],
      [NaN, 2],
    ] as const) {
      expect(sorter.addAlike(new Bytes(view.buffer, start, end), 1)).toBe(false);
    }
    expect(sorter.addAlike(view, 2)).toBe(false);
    expect(sorter.addAlike(new Bytes(Buffer.from('abc')), 1)).toBe(false);
    expect(sorter.addAlike(view, 1)).toBe(true);
  });
});

test('nulls and numbers of one key are combined, whichever comes first', () => {
  const count: Combiner = { combine: (_key, values) => [...values].map(Number).reduce(add), fold: add };
  for (const first of [null, 1, '1']) {
    for (const second of [null, 1, '1']) {
      for (const budget of [1, 1 << 20]) {
        using kernel = Kernel.lease(budget);
        const left = sorted(kernel, count, (sorter) => {
          for (let at = 0; at < 20; at++) sorter.add('key', at % 2 === 0 ? first : second);
        });
        expect(left.flat().map(([, value]) => Number(value))).toEqual([10 * Number(first) + 10 * Number(second)]);
      }
    }
  }
});

test('numbers do not change: a zero keeps its sign, and NaN stays NaN', () => {
  for (const combiner of [undefined, SUM]) {
    using kernel = Kernel.lease(1 << 20);
    const left = sorted(kernel, combiner, (sorter) => {
      sorter.add('nan', NaN);
      sorter.add('zero', -0);
      sorter.add('infinity', -Infinity);
    });
    expect(new Map(left.flat())).toEqual(
      new Map([
        ['nan', NaN],
        ['zero', -0],
        ['infinity', -Infinity],
      ]),
    );
  }
});

test('words take a value that is not a number, between values that are numbers', () => {
  using kernel = Kernel.lease(1000);
  const text = 'a b a c a'.repeat(20);
  const left = sorted(kernel, { combine: addAll, fold: add, adds: true }, (sorter) => {
    sorter.addWords(scanOf(inText(kernel, Buffer.from(text)), {}), NaN);
    sorter.addWords(scanOf(inText(kernel, Buffer.from('d d')), {}), 1);
  });
  expect(new Map(left.flat()).get('a')).toBe(NaN);
  expect(new Map(left.flat()).get('d')).toBe(2);
});
