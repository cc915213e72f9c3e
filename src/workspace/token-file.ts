// The file of the token that driver and workers share: it has the token and nothing else, so that it can be copied into
// MAPREDUCE_TOKEN. A token of ours shows its kind, version and checksum: `mr1-`, 22 random characters, 6 of a crc32. Any other
// text that is valid in MAPREDUCE_TOKEN may have been written by hand, and is accepted.

import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { readSmallFile } from '../machine/regular-file.ts';

const OURS = 'mr1-';
/** The beginning of our tokens, of any version. */
const VERSION = /^mr\d+-/;
const RANDOM_BYTES = 16;
const CHECKSUM_LENGTH = 6;
/** A longer file is no token. */
const MOST_BYTES = 4096;

export function newToken(): string {
  const token = `${OURS}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  return `${token}${checksumOf(token)}`;
}

export function isToken(text: string): boolean {
  if (!/^[\w.~+/=-]{16,}$/.test(text)) return false;
  if (!VERSION.test(text)) return true;
  return text.startsWith(OURS) && text.slice(-CHECKSUM_LENGTH) === checksumOf(text.slice(0, -CHECKSUM_LENGTH));
}

/** What is found at the path of a token. */
export type FoundToken = { readonly token: string } | 'damaged' | 'no file' | undefined;

/** @throws SystemError if the machine refuses to read the file */
export function readToken(path: string): FoundToken {
  const found = readSmallFile(path, MOST_BYTES);
  if (found === undefined) return undefined;
  if ('damage' in found) return 'no file';
  const token = found.bytes.toString('latin1').trim();
  return isToken(token) ? { token } : 'damaged';
}

/** The token in a file; empty if none can be read. */
export function tokenIn(path: string): string {
  try {
    const found = readToken(path);
    return typeof found === 'object' ? found.token : '';
  } catch {
    return '';
  }
}

function checksumOf(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64url');
}
