import { join } from 'node:path';

import { expect, test } from 'vitest';

import { Kernel } from '../../../../src/kernel/kernel.ts';
import { foldOf, sum } from '../../../../src/reducers.ts';
import { HotKeySketch } from '../../../../src/shuffle/collect/hot-key-sketch.ts';
import type { WeightedKey } from '../../../../src/shuffle/file/sorted-file-format.ts';
import { hotKeysOf } from '../../../../src/shuffle/file/sorted-file-reader.ts';
import { Sorter, type SorterOptions } from '../../../../src/shuffle/collect/sorter.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

/** The hottest keys of 100,000 pairs: every third is `hot`, every tenth `warm`, and each other key comes once. */
function hottest(bufferBytes: number, combiner?: SorterOptions['combiner']): WeightedKey[] {
  using kernel = Kernel.lease(bufferBytes);
  const path = join(temporaryFolder(), 'sorted');
  const sorter = new Sorter({ path, fanIn: 256, kernel, partitioning: { count: 3, firstKeys: undefined }, combiner });
  for (let pair = 0; pair < 100_000; pair++) {
    sorter.add(pair % 3 === 0 ? 'hot' : pair % 10 === 1 ? 'warm' : `rare ${pair}`, 1);
  }
  sorter.finish();
  sorter.discard();
  return hotKeysOf(path)!;
}

const adding = {
  combine: (key: string, values: Iterable<unknown>) => sum(key, values as Iterable<number>),
  fold: foldOf(sum),
  adds: true,
};

test('if the job adds numbers up, the hottest keys have their sums, also over several spills', () => {
  expect(hottest(1 << 26, adding).slice(0, 2)).toEqual([
    ['hot', 33_334],
    ['warm', 6667],
  ]);
  const spilled = hottest(1 << 18, adding);
  expect(spilled.slice(0, 2).map(([key]) => key)).toEqual(['hot', 'warm']);
});

test('if the job does not add, pairs are sampled, and a key is given about as many as it has', () => {
  const [[hot, hotCount], [warm, warmCount], ...rest] = hottest(1 << 26) as [
    WeightedKey,
    WeightedKey,
    ...WeightedKey[],
  ];
  expect([hot, warm, rest]).toEqual(['hot', 'warm', []]);
  for (const [told, pairs] of [
    [hotCount, 33_334],
    [warmCount, 6667],
  ] as const) {
    expect(told).toBeGreaterThan(pairs * 0.7);
    expect(told).toBeLessThan(pairs * 1.3);
  }
});

test('an empty buffer has no hot keys', () => {
  expect(new HotKeySketch().top).toEqual([]);
});
