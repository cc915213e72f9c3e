// Examines one input, once, before anything starts: what it is, by its first bytes and its name.

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import { randomAccess } from '../../formats/random-access.ts';
import {
  type Compression,
  compressionOf,
  firstContent,
  isNamedBrotli,
  isText,
  type LookedAt,
  promisedCompression,
  zstdStart,
} from '../../formats/compressed/compression.ts';
import { shellQuoted, type Unreadable, unreadableBy } from '../../formats/unreadable.ts';
import { FIRST_BLOCK_WITHIN_BYTES, needsDictionary } from '../../formats/compressed/zstd-frames.ts';

const HEAD_BYTES = 4096;
const LF = 0x0a;
const CR = 0x0d;

export interface InputContent {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** The path with links resolved. */
  readonly realPath: string;
  /** The same for every name of a file; empty if the file system does not provide it. */
  readonly identity: string;
  readonly compression: Compression | undefined;
  /** A note for the user about an input that can be read. */
  readonly remark: string | undefined;
  /** The verdict if its records are lines of text. */
  readonly asText: { readonly refusal: UsageError | undefined; readonly remark: string | undefined };
}

/**
 * Examines a file.
 * @throws UsageError if it cannot be an input: says what it is, and the way out
 */
export function lookAt(file: string, path: string, realFolder: (folder: string) => string): InputContent {
  const { fd, realPath } = openInput(file, path, realFolder);
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw folderAsInput(file);
    if (!stats.isFile()) throw noFile(file);
    const head = readHead(file, fd, stats.size);
    const looked = { file: randomAccess(fd, stats.size), head, names: [path, realPath] };
    const compression = compressionOf(looked);
    const start = compression === undefined ? head : firstContent(looked, compression);
    checkName(file, looked, compression);
    return {
      sizeBytes: stats.size,
      mtimeMs: stats.mtimeMs,
      realPath,
      identity: identityOf(fd, stats),
      compression,
      remark: emptinessOf(file, looked),
      asText: { refusal: refusalOf(file, start, compression), remark: nulsOf(file, start) ?? lineEndsOf(file, start) },
    };
  } finally {
    closeSync(fd);
  }
}

/** Opens a file without blocking on a pipe. Most files are not links: then only the folder needs to be resolved. */
function openInput(
  file: string,
  path: string,
  realFolder: (folder: string) => string,
): { readonly fd: number; readonly realPath: string } {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  return systemCall(file, () => {
    try {
      return {
        fd: openSync(path, flags | constants.O_NOFOLLOW),
        realPath: join(realFolder(dirname(path)), basename(path)),
      };
    } catch (error) {
      if (codeOf(error) === 'ENXIO') throw noFile(file);
      if (codeOf(error) !== 'ELOOP') throw error;
      return { fd: openSync(path, flags), realPath: realpathSync.native(path) };
    }
  });
}

function noFile(file: string): UsageError {
  return new UsageError(
    `input ${file}: expected a file, found a device, pipe or socket; write what comes out of it into a file first`,
  );
}

export function folderAsInput(folder: string): UsageError {
  return new UsageError(
    `input ${folder}: expected a file, found a directory; name ${shellQuoted(`${folder}/`)} for all files below it, ` +
      `or '${folder}/*' for those in it`,
  );
}

/** Reads the first bytes. There must be as many as the size of the file says. */
function readHead(file: string, fd: number, size: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  const count = systemCall(file, () => readSync(fd, head, 0, HEAD_BYTES, 0));
  if (count === Math.min(size, HEAD_BYTES)) return head.subarray(0, count);
  const { size: sizeNow } = fstatSync(fd);
  if (sizeNow !== size)
    throw new UsageError(
      `input ${file}: expected a file that stays as it is, found one that is being written; copy it first`,
    );
  throw new UsageError(
    `input ${file}: expected a file that has its ${size} bytes, found ${count < size ? `only ${count}` : 'more'}, ` +
      `as in /proc; copy it first: cat ${shellQuoted(file)} > COPY`,
  );
}

/** @throws UsageError if the name promises another content than the file has: it may be an error page that was stored instead */
function checkName(file: string, looked: LookedAt, compression: Compression | undefined): void {
  const { head, names } = looked;
  if (compression === 'zstd' && needsDictionary(startOfFrame(looked)))
    throw new UsageError(
      `input ${file}: expected zstd data that stands alone, found some that needs a dictionary: zstd -dc -D DICTIONARY`,
    );
  const promised = promisedCompression(names);
  if (head.length > 0 && promised !== undefined && compression === undefined) {
    const found = unreadableBy(head)?.what ?? (isText(head) ? 'text' : 'other bytes');
    throw new UsageError(
      `input ${file}: expected ${promised} data, as its name says, found ${found}; rename it, or leave it out`,
    );
  }
  if (names.some(isNamedBrotli) && compression === undefined && !isText(head))
    throw new UsageError(`input ${file}: expected Brotli data, as its name says, or text, found neither; leave it out`);
}

function startOfFrame(looked: LookedAt): Buffer {
  const start = Buffer.alloc(Math.min(FIRST_BLOCK_WITHIN_BYTES, 32));
  return start.subarray(0, looked.file.read(start, zstdStart(looked)));
}

function refusalOf(file: string, start: Buffer, compression: Compression | undefined): UsageError | undefined {
  const unreadable = unreadableBy(start);
  if (unreadable === undefined) return undefined;
  const what = compression === undefined ? unreadable.what : `${unreadable.what}, compressed as ${compression}`;
  return new UsageError(`input ${file}: expected text, found ${what}; ${wayOut(unreadable, file, compression)}`);
}

/** The advice for unreadable data. tar decompresses its input itself; anything else must be decompressed first. */
function wayOut({ what, wayOut }: Unreadable, file: string, compression: Compression | undefined): string {
  if (compression === undefined || what.includes('tar')) return wayOut(file);
  const plain = file.replace(/\.\w+$/, '');
  return `decompress it first, then ${wayOut(plain === '' ? file : plain).replace(/^decompress it first/, 'decompress that')}`;
}

function emptinessOf(file: string, { head, names }: LookedAt): string | undefined {
  const promised = promisedCompression(names);
  if (head.length > 0 || promised === undefined) return undefined;
  return `input ${file}: has no bytes at all, not even those of empty ${promised} data`;
}

/** NUL bytes may mean UTF-16 text with few ASCII characters, or no text at all: that cannot be decided. */
function nulsOf(file: string, start: Buffer): string | undefined {
  if (!start.includes(0)) return undefined;
  return `input ${file}: has NUL bytes at its start, as no text in UTF-8 should have; it is read as it is`;
}

function lineEndsOf(file: string, start: Buffer): string | undefined {
  if (start.includes(LF)) return undefined;
  const first = start.indexOf(CR);
  if (first < 0 || start.indexOf(CR, first + 1) < 0) return undefined;
  const toPart = String.raw`tr '\r' '\n' < ${shellQuoted(file)} > COPY`;
  return `input ${file}: begins with lines that end with CR alone, which is no line end here: they are one record; to part them: ${toPart}`;
}

/** On a file system without inode numbers, two names of one file cannot be distinguished from two files. */
function identityOf(fd: number, { dev, ino, size, mtimeMs }: Stats): string {
  if (ino === 0) return '';
  const number = Number.isSafeInteger(ino) ? ino : fstatSync(fd, { bigint: true }).ino;
  return `${dev}:${number}:${size}:${mtimeMs}`;
}

/** Errors that are not about one file. */
export const MACHINE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO']);

function systemCall<T>(file: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = codeOf(error);
    if (code === undefined || MACHINE.has(code)) throw error;
    const found = code === 'EACCES' || code === 'EPERM' ? 'no permission to read it' : code;
    throw new UsageError(`input ${file}: expected a file that can be read, found ${found}`, { cause: error });
  }
}
