// Whether the file of a committed task is what its attempt left: its size and its checksum say so.

import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { codeOf } from '../errors.ts';
import type { CommittedFile } from '../scheduler/events.ts';

const BLOCK_BYTES = 4 << 20;

/** What is wrong with a file, in words; undefined where nothing is. */
export async function verifyFile(
  path: string,
  { bytes, checksum }: Pick<CommittedFile, 'bytes' | 'checksum'>,
): Promise<string | undefined> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size !== bytes) return `${path}: expected ${bytes} bytes, found ${size}`;
    const block = Buffer.allocUnsafeSlow(Math.max(1, Math.min(bytes, BLOCK_BYTES)));
    let sum = 0;
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(block, 0, block.length, at);
      if (bytesRead === 0) return `${path}: expected ${bytes} bytes, found its end at byte ${at}`;
      sum = crc32(block.subarray(0, bytesRead), sum);
      at += bytesRead;
    }
    return sum === checksum ? undefined : `${path}: expected what was committed, found another checksum`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return `${path}: expected a file, found none`;
    throw error;
  }
}
