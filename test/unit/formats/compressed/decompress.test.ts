import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { InputError } from '../../../../src/errors.ts';
import type { Slice } from '../../../../src/formats/chunk/chunk.ts';
import type { Compression } from '../../../../src/formats/compressed/compression.ts';
import { readContent } from '../../../../src/formats/compressed/decompress.ts';
import { inputFile } from '../../../fixtures/input-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const COMPRESSION = { gz: 'gzip', zst: 'zstd', br: 'brotli', txt: undefined } as const;

function sliceOf(name: string, bytes: Buffer, compression?: Compression): Slice {
  const input = inputFile(temporaryFolder(), name, bytes);
  const by = compression ?? COMPRESSION[name.split('.').at(-1) as keyof typeof COMPRESSION];
  return { ...input, start: 0, end: input.sizeBytes, compression: by };
}

async function contentOf(slice: Slice): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(readContent(slice)));
}

const text = Buffer.from('Call me Ishmael.\n'.repeat(200_000));

test.for([
  ['gz', gzipSync],
  ['br', brotliCompressSync],
  ['zst', zstdCompressSync],
] as const)('a file that ends in .%s is decompressed, in blocks', async ([ending, compress]) => {
  const slice = sliceOf(`input.txt.${ending}`, compress(text));
  expect((await contentOf(slice)).equals(text)).toBe(true);
  expect((await Array.fromAsync(readContent(slice))).length).toBeGreaterThan(2);
  expect((await contentOf({ ...slice, mtimeMs: 0, bytes: compress(text) })).equals(text)).toBe(true);
});

test.for(['txt', 'gz', 'br', 'zst'] as const)(
  'with a target, a file that ends in .%s is read into it, block by block',
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

test('several gzip members that follow each other are one content', async () => {
  expect(await contentOf(sliceOf('a.gz', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')])))).toEqual(
    Buffer.from('a\nb\n'),
  );
});

test('several zstd frames, large and small, with skippable ones among them, are one content', async () => {
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
  const noSize = { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } };
  const parts = ['a\n', text, 'b\n', ''].flatMap((part) => [
    skippable,
    zstdCompressSync(part),
    zstdCompressSync(part, noSize),
  ]);
  const content = await contentOf(sliceOf('a.zst', Buffer.concat([...parts, Buffer.alloc(7)])));
  expect(content.equals(Buffer.concat([Buffer.from('a\na\n'), text, text, Buffer.from('b\nb\n')]))).toBe(true);
});

test('a zstd frame with a window of 2 GiB is decompressed', async () => {
  const params = { [constants.ZSTD_c_windowLog]: 31, [constants.ZSTD_c_contentSizeFlag]: 0 };
  expect((await contentOf(sliceOf('a.zst', zstdCompressSync(text, { params })))).equals(text)).toBe(true);
});

test('without compression a file is read as it is, whatever its name', async () => {
  const bytes = gzipSync('text');
  expect(await contentOf({ ...sliceOf('input.gz', bytes), compression: undefined })).toEqual(bytes);
});

test.for([
  ['gz', gzipSync],
  ['zst', zstdCompressSync],
] as const)(
  'two .%s parts that are cut short anywhere, except between them, are an InputError',
  async ([ending, compress]) => {
    const first = compress('one two\n'.repeat(9));
    const whole = Buffer.concat([first, compress('three\n'.repeat(9))]);
    for (let end = 1; end < whole.length; end++) {
      const slice = sliceOf(`cut.${ending}`, whole.subarray(0, end));
      if (end === first.length) expect(await contentOf(slice)).toEqual(Buffer.from('one two\n'.repeat(9)));
      else await expect(contentOf(slice), `cut at ${end}`).rejects.toThrow(InputError);
    }
  },
);

test('an input that does not decompress, is cut short, or has changed is an InputError that names it', async () => {
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

test('more data after the end of compressed data is an InputError, except zeros', async () => {
  const [a, b] = [brotliCompressSync('a'), brotliCompressSync('b')];
  await expect(contentOf(sliceOf('two.br', Buffer.concat([a, b])))).rejects.toThrow(
    `found more after byte ${a.length}`,
  );
  const filled = Buffer.concat([gzipSync('text'), Buffer.alloc(100)]);
  expect(await contentOf(sliceOf('filled.gz', filled))).toEqual(Buffer.from('text'));
});
