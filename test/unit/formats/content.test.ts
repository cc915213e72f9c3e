import { randomBytes } from 'node:crypto';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { InputError } from '../../../src/errors.ts';
import type { Slice } from '../../../src/formats/chunk.ts';
import { isCompressed, readContent } from '../../../src/formats/content.ts';
import { inputFile } from '../../fixtures/input-files.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

function sliceOf(name: string, bytes: Buffer): Slice {
  const input = inputFile(temporaryFolder(), name, bytes);
  return { ...input, start: 0, end: input.sizeBytes };
}

async function contentOf(slice: Slice): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(readContent(slice)));
}

const text = Buffer.from('Call me Ishmael.\n'.repeat(200_000));

test.for([
  ['gz', gzipSync],
  ['br', brotliCompressSync],
  ['zst', zstdCompressSync],
] as const)('a file that ends in .%s is read as what it decompresses to, in blocks', async ([ending, compress]) => {
  const slice = sliceOf(`input.txt.${ending}`, compress(text));
  expect(await contentOf(slice)).toEqual(text);
  expect((await Array.fromAsync(readContent(slice))).length).toBeGreaterThan(2);
  const { file, path, sizeBytes } = slice;
  expect(
    await contentOf({ file, path, start: 0, end: sizeBytes, sizeBytes, mtimeMs: 0, bytes: compress(text) }),
  ).toEqual(text);
});

test.for(['txt', 'gz', 'br', 'zst'] as const)(
  'where there is a target, a file that ends in .%s is read into it, block by block',
  async (ending) => {
    const compress = { txt: (bytes: Buffer) => bytes, gz: gzipSync, br: brotliCompressSync, zst: zstdCompressSync }[
      ending
    ];
    const start = text.subarray(0, 1_500_000);
    const stored = compress(start);
    const slice = sliceOf(`input.${ending}`, stored);
    for (const carried of [slice, { ...slice, bytes: stored }]) {
      for (const targetBytes of [100_000, 1 << 20]) {
        const target = Buffer.alloc(targetBytes);
        const held: Buffer[] = [];
        for await (const block of readContent(carried, target)) {
          expect(block.buffer).toBe(target.buffer);
          held.push(Buffer.from(block));
          target.fill(0);
        }
        expect(Buffer.concat(held).equals(start)).toBe(true);
      }
    }
  },
);

test('several gzip members one after another are one content', async () => {
  expect(await contentOf(sliceOf('a.gz', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')])))).toEqual(
    Buffer.from('a\nb\n'),
  );
});

test('any other file is read as it is, also one with compressed bytes in it', async () => {
  const bytes = gzipSync('text');
  expect(await contentOf(sliceOf('input.txt', bytes))).toEqual(bytes);
  expect(['a.gz', 'b.br', 'c.zst', 'gz', 'a.gz.txt', 'a.constructor'].map(isCompressed)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('what does not decompress, is cut short, or has changed is an InputError that names the input', async () => {
  const whole = gzipSync(randomBytes(100_000));
  const broken = [sliceOf('broken.gz', Buffer.from('text')), sliceOf('broken.gz', whole.subarray(0, 50_000))];
  const changed = { ...sliceOf('broken.gz', whole), mtimeMs: 1 };
  for (const slice of [...broken, changed]) {
    await expect(contentOf(slice)).rejects.toThrow(InputError);
    await expect(contentOf(slice)).rejects.toThrow('broken.gz');
  }
});

test('an empty file has no content, whatever its name', async () => {
  expect(await contentOf(sliceOf('empty.gz', Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
});

test('what stands behind the end of compressed data is an InputError, but for zeros', async () => {
  const [a, b] = [brotliCompressSync('a'), brotliCompressSync('b')];
  await expect(contentOf(sliceOf('two.br', Buffer.concat([a, b])))).rejects.toThrow(
    `found more behind byte ${a.length}`,
  );
  const filled = Buffer.concat([gzipSync('text'), Buffer.alloc(100)]);
  expect(await contentOf(sliceOf('filled.gz', filled))).toEqual(Buffer.from('text'));
});
