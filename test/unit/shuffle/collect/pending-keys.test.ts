import { join } from 'node:path';

import { expect, test } from 'vitest';

import { Bytes } from '../../../../src/bytes.ts';
import { words } from '../../../../src/formats/words/words.ts';
import { isWordScan, Kernel } from '../../../../src/kernel/kernel.ts';
import { Sorter } from '../../../../src/shuffle/collect/sorter.ts';
import { readSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const sum = { combine: () => 0, fold: (a: number, b: number) => a + b, adds: true };
/** The number of pairs after which the table is judged. */
const TRIAL_PAIRS = 1 << 17;

/** Emits enough different keys out of the text to show that the table does not pay. The last of them are still pending. */
function emitDistinct(sorter: Sorter, kernel: Kernel): void {
  const view = new Bytes(kernel.text);
  for (let first = 0; first < TRIAL_PAIRS; first += 1024) {
    const text = Array.from({ length: 1024 }, (_, at) => String(first + at).padStart(8, '0')).join('');
    kernel.text.write(text, 'latin1');
    kernel.beginText(text.length);
    for (let at = 0; at < text.length; at += 8) {
      view.start = at;
      view.end = at + 8;
      sorter.add(view, 1);
    }
    if (first + 1024 < TRIAL_PAIRS) sorter.flush();
  }
}

test.for([
  ['a text', (sorter: Sorter) => sorter.add('a text', 1)],
  [
    'the words of a text',
    (sorter: Sorter, kernel: Kernel) => {
      const at = 1024 * 8;
      kernel.text.write('a text', at, 'latin1');
      const scan = words(new Bytes(kernel.text, at, at + 6));
      if (!isWordScan(scan)) throw new Error('expected words that the kernel finds');
      expect(sorter.addWords(scan, 1)).toBe(2);
    },
  ],
] as const)('pending keys may show that the table does not pay, when %s comes', ([, add]) => {
  using kernel = Kernel.lease(1 << 24);
  const path = join(temporaryFolder(), 'sorted');
  const sorter = new Sorter({ path, partitioning: { count: 1 }, combiner: sum, kernel, fanIn: 2 });
  emitDistinct(sorter, kernel);
  add(sorter, kernel);
  sorter.finish();
  const [pairs] = readSortedFile(path);
  const keys = pairs!.map(([key]) => Buffer.from(key).toString());
  expect(keys.filter((key) => /^\d{8}$/.test(key))).toHaveLength(TRIAL_PAIRS);
  expect(keys.filter((key) => key.includes('text'))).toHaveLength(1);
});
