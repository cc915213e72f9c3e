import { join } from 'node:path';

import { expect, test } from 'vitest';

import { Bytes } from '../../../src/bytes.ts';
import { Kernel, kernelOf } from '../../../src/kernel/kernel.ts';
import { Sorter } from '../../../src/shuffle/collect/sorter.ts';
import { inText } from '../../fixtures/kernels.ts';
import { readSortedFile } from '../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const GIB = 1 << 30;

test.for([GIB, 1.5 * GIB, 2 * GIB, 4 * GIB, 5 * GIB, 1e15])(
  'a buffer that is larger than the kernel has room for may be asked for: %i bytes',
  (bufferBytes) => {
    using kernel = Kernel.lease(bufferBytes);
    const path = join(temporaryFolder(), 'run');
    const sorter = new Sorter({ path, partitioning: { count: 1 }, kernel, fanIn: 2 });
    sorter.add('key', 1);
    sorter.add('another', 2);
    expect(sorter.finish()).toMatchObject({ pairs: 2, spills: 0 });
    expect(readSortedFile(path)).toEqual([
      [
        [Buffer.from('another'), 2],
        [Buffer.from('key'), 1],
      ],
    ]);
  },
);

test('a kernel that was given back is leased again if it has the size that is asked for', () => {
  const lease = (bufferBytes: number): Kernel => {
    using kernel = Kernel.lease(bufferBytes);
    return kernel;
  };
  const first = lease(1000);
  expect(lease(1000)).toBe(first);
  const other = lease(2000);
  expect(other).not.toBe(first);
  expect(other.bufferBytes).toBe(2000);
});

test('two kernels that are leased at the same time are different', () => {
  using first = Kernel.lease(1000);
  using second = Kernel.lease(1000);
  expect(second).not.toBe(first);
});

test('a record belongs to the kernel in whose input block it is, while that is leased', () => {
  let record: Bytes;
  {
    using kernel = Kernel.lease(1000);
    record = inText(kernel, Buffer.from('text'), 10);
    expect(kernelOf(record)).toBe(kernel);
    expect(kernelOf(new Bytes(kernel.text))).toBe(kernel);
    expect(kernelOf(new Bytes(kernel.bytes, kernel.text.byteOffset + kernel.text.length, kernel.bytes.length))).toBe(
      undefined,
    );
    expect(kernelOf(new Bytes(Buffer.from('text')))).toBe(undefined);
  }
  expect(kernelOf(record)).toBe(undefined);
});
