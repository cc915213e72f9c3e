import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { unpack } from 'msgpackr';
import { expect, test } from 'vitest';

import { CorruptError } from '../../../../src/errors.ts';
import type { Slice } from '../../../../src/formats/chunk/chunk.ts';
import { readChunkFile, writeChunkFile } from '../../../../src/formats/chunk/chunk-file.ts';
import { DAMAGES } from '../../../fixtures/damages.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const SLICES: readonly Slice[] = [
  { file: 'a', path: '/a', start: 0, end: 3, sizeBytes: 3, mtimeMs: 1.5, bytes: Buffer.from('a\nb') },
  { file: 'b', path: '/b', start: 7, end: 9, sizeBytes: 20, mtimeMs: 2 },
];
const EXPECTED = { run: 'run-1', task: 3 };

function written(): string {
  const path = join(temporaryFolder(), 'chunk_3.msgpack');
  writeChunkFile(path, 'run-1', 3, SLICES);
  return path;
}

test('a chunk file is read as it was written, and is plain msgpack as well', () => {
  const path = written();
  expect(readChunkFile(path, EXPECTED)).toMatchObject({ task: 3, slices: SLICES });
  expect(readChunkFile(path)).toMatchObject({ task: 3, slices: SLICES });
  expect(unpack(readFileSync(path))).toMatchObject({ bytes: statSync(path).size, run: 'run-1', task: 3 });
});

test.for(DAMAGES)('a chunk file %s is a CorruptError that names it', ([, damage]) => {
  const path = written();
  damage(path);
  expect(() => readChunkFile(path, EXPECTED)).toThrow(CorruptError);
  expect(() => readChunkFile(path, EXPECTED)).toThrow(path);
});

test.for([
  ['run', { run: 'run-2', task: 3 }, 'found one of another run'],
  ['task', { run: 'run-1', task: 4 }, 'found that of map-3'],
] as const)('the chunk of another %s is a CorruptError, even if it is whole', ([, expected, found]) => {
  const path = written();
  expect(() => readChunkFile(path, expected)).toThrow(CorruptError);
  expect(() => readChunkFile(path, expected)).toThrow(found);
});

test('a file that is cut short anywhere, or has more after its end, is a CorruptError', () => {
  const path = written();
  const bytes = readFileSync(path);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    expect(() => readChunkFile(path, EXPECTED)).toThrow(CorruptError);
  }
  writeFileSync(path, Buffer.concat([bytes, Buffer.from('x')]));
  expect(() => readChunkFile(path, EXPECTED)).toThrow(CorruptError);
});

test('a flipped bit anywhere is a CorruptError', () => {
  const path = written();
  const bytes = readFileSync(path);
  const meant = readChunkFile(path, EXPECTED);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, bytes);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    let read: unknown;
    try {
      read = readChunkFile(path, EXPECTED);
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptError);
      continue;
    }
    expect(read).toEqual(meant);
  }
});
