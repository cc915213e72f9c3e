// Finds out how an input is compressed: by its first bytes, whatever its name. Only Brotli data has no such bytes. For that the
// name counts, and whether the data decompresses.

import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib';

import { codeOf } from '../../errors.ts';
import type { RandomAccess } from '../format.ts';
import { FIRST_BLOCK_WITHIN_BYTES, firstBlockAlone, isSkippable } from './zstd-frames.ts';

export const COMPRESSIONS = ['gzip', 'zstd', 'brotli'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const GZIP = Buffer.from([0x1f, 0x8b, 8]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** The most bytes to which the first bytes of a file may decompress, when that is tried. */
const MOST_TRIAL_BYTES = 1 << 24;
/** The start of shorter Brotli data may look like text. */
const FEW_BYTES = 8;
const EMPTY = Buffer.alloc(0);

/** A file that is looked at: its first bytes, and the names under which it is known. */
export interface LookedAt {
  readonly file: RandomAccess;
  readonly head: Buffer;
  readonly names: readonly string[];
}

/** How a file is compressed; undefined if it is not, or in a way that we cannot read. */
export function compressionOf(looked: LookedAt): Compression | undefined {
  const { head, names } = looked;
  if (isStart(head, GZIP, names.some(isNamedGzip))) return 'gzip';
  if (isStart(start(looked, zstdStart(looked), ZSTD.length), ZSTD, names.some(isNamedZstd))) return 'zstd';
  return names.some(isNamedBrotli) && isBrotli(looked) ? 'brotli' : undefined;
}

/** The compression that a file's name promises. `.br` is also the ending of a country's domains, so it promises nothing. */
export function promisedCompression(names: readonly string[]): Compression | undefined {
  if (names.some(isNamedGzip)) return 'gzip';
  return names.some(isNamedZstd) ? 'zstd' : undefined;
}

export function isNamedBrotli(name: string): boolean {
  return /\.br$/i.test(name);
}

/** The begin of the decompressed file; empty if the start of the file is damaged or cut short. */
export function firstContent(looked: LookedAt, compression: Compression): Buffer {
  try {
    switch (compression) {
      case 'gzip':
        return gunzipSync(looked.head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_TRIAL_BYTES });
      case 'brotli':
        return unBrotli(looked.head);
      default: {
        const block = firstBlockAlone(start(looked, zstdStart(looked), FIRST_BLOCK_WITHIN_BYTES));
        return block === undefined ? EMPTY : zstdDecompressSync(block);
      }
    }
  } catch {
    return EMPTY;
  }
}

/** Where the first frame that is not skippable begins. */
export function zstdStart({ file, head }: LookedAt): number {
  let at = 0;
  for (let header = head; header.length >= 8 && isSkippable(header.readUInt32LE(0));) {
    at += 8 + header.readUInt32LE(4);
    header = Buffer.alloc(8);
    header = header.subarray(0, at < file.size ? file.read(header, at) : 0);
  }
  return at;
}

/** Whether bytes have no control characters other than those of text. */
export function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d);
}

function start({ file, head }: LookedAt, position: number, length: number): Buffer {
  if (position + length <= head.length) return head.subarray(position, position + length);
  if (position >= file.size) return EMPTY;
  const bytes = Buffer.alloc(Math.min(length, file.size - position));
  return bytes.subarray(0, file.read(bytes, position));
}

/** Whether bytes begin with a magic number. If they end within it, the file's name decides. */
function isStart(bytes: Buffer, magic: Buffer, isPromised: boolean): boolean {
  const compared = Math.min(bytes.length, magic.length);
  return (
    (compared === magic.length || (isPromised && compared > 0)) &&
    bytes.subarray(0, compared).equals(magic.subarray(0, compared))
  );
}

function isNamedGzip(name: string): boolean {
  return /\.(?:gz|tgz)$/i.test(name);
}

function isNamedZstd(name: string): boolean {
  return /\.(?:zst|tzst)$/i.test(name);
}

/** A file is Brotli data if all of it decompresses; and if it is not text in UTF-8 and its start decompresses. */
function isBrotli({ file, head }: LookedAt): boolean {
  if (file.size <= head.length && isWholeBrotli(head)) return true;
  if (isText(head) && isUtf8Start(head) && (file.size >= FEW_BYTES || head.includes('\n'))) return false;
  try {
    unBrotli(head);
    return true;
  } catch (error) {
    return codeOf(error) === 'ERR_BUFFER_TOO_LARGE';
  }
}

/** Whether bytes are UTF-8. The last character may be cut off. */
function isUtf8Start(bytes: Buffer): boolean {
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, Math.max(0, bytes.length - cut))));
}

function isWholeBrotli(bytes: Buffer): boolean {
  try {
    const { engine } = brotliDecompressSync(bytes, { info: true, maxOutputLength: MOST_TRIAL_BYTES }) as unknown as {
      readonly engine: { readonly bytesWritten: number };
    };
    return engine.bytesWritten === bytes.length;
  } catch {
    return false;
  }
}

function unBrotli(bytes: Buffer): Buffer {
  return brotliDecompressSync(bytes, {
    finishFlush: constants.BROTLI_OPERATION_FLUSH,
    maxOutputLength: MOST_TRIAL_BYTES,
  });
}
