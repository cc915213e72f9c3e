// Verifies that the file of a committed task is what its attempt wrote, by its size and its checksum.

import { readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { codeOf } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import type { CommittedFile } from '../../scheduler/events.ts';

/** What a file must have. */
export type Expected = Pick<CommittedFile, 'bytes' | 'checksum'>;

const BLOCK_BYTES = 1 << 20;
/** Up to this size, reading a file takes less time than handing it to a thread. */
const SMALL_BYTES = 64 << 10;

/** With these errors the file counts as missing or damaged. Any other error is a refusal of the machine. */
const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'none',
  ENOTDIR: 'none',
  EISDIR: 'a folder',
  ELOOP: 'a link to itself',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EIO: 'an error of the disk',
};

/** Describes what is wrong with a file; undefined if it is correct. */
export async function verifyFile(path: string, expected: Expected): Promise<string | undefined> {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return `${path}: expected a file, found something else`;
    if (stats.size !== expected.bytes) return `${path}: expected ${expected.bytes} bytes, found ${stats.size}`;
    const sum = expected.bytes <= SMALL_BYTES ? crc32(readFileSync(path)) : await checksumOf(path);
    return sum === expected.checksum ? undefined : `${path}: expected what was committed, found another checksum`;
  } catch (error) {
    const found = FOUND[codeOf(error) ?? ''];
    if (found !== undefined) return `${path}: expected a file, found ${found}`;
    throw refusedCall(error, path);
  }
}

/** Reads the next block while the checksum of the last one is computed. */
async function checksumOf(path: string): Promise<number> {
  await using file = await open(path);
  let [block, other] = [Buffer.allocUnsafeSlow(BLOCK_BYTES), Buffer.allocUnsafeSlow(BLOCK_BYTES)];
  let sum = 0;
  let at = 0;
  let next = readBlock(file, block, at);
  for (let bytes = await next; bytes > 0; bytes = await next) {
    const full = block;
    at += bytes;
    [block, other] = [other, block];
    next = readBlock(file, block, at);
    sum = crc32(full.subarray(0, bytes), sum);
  }
  return sum;
}

async function readBlock(file: FileHandle, block: Buffer, at: number): Promise<number> {
  const { bytesRead } = await file.read(block, 0, block.length, at);
  return bytesRead;
}
