// Reads and replaces small files safely. Only regular files are read, up to a given size. A file is written under another name
// and then renamed, so that a reader sees all of it or nothing. A refusal of the machine becomes a SystemError that names the
// path.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { codeOf, SystemError } from '../errors.ts';
import { isProcessAlive } from './process-alive.ts';
import { refusedCall } from './refused-call.ts';
import { refusedWrite } from './full-disk.ts';

/** A file that is open for reading. */
export interface OpenFile extends Disposable {
  readonly fd: number;
  readonly sizeBytes: number;
}

/** Why an existing file is not what it should be: "found a folder". */
export interface Damage {
  readonly damage: string;
}

/**
 * Opens a file for reading. Returns undefined if it does not exist. A folder, FIFO or device counts as damage: opening one must
 * not block.
 * @throws SystemError if the machine refuses
 */
export function openFile(path: string): OpenFile | Damage | undefined {
  const fd = openIfThere(path);
  if (typeof fd !== 'number') return fd;
  try {
    const found = fstatSync(fd);
    if (found.isFile()) return { fd, sizeBytes: found.size, [Symbol.dispose]: () => closeSync(fd) };
    closeSync(fd);
    return { damage: found.isDirectory() ? 'found a folder' : 'found something that is no file' };
  } catch (error) {
    closeSync(fd);
    throw refusal(error, path);
  }
}

function openIfThere(path: string): number | Damage | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    // A socket cannot be opened at all. On systems that do not open folders as files, the error is EISDIR.
    if (codeOf(error) === 'ENXIO') return { damage: 'found something that is no file' };
    if (codeOf(error) === 'EISDIR') return { damage: 'found a folder' };
    throw refusal(error, path);
  }
}

/**
 * Reads a whole file of at most `mostBytes`. Returns undefined if it does not exist.
 * @throws SystemError if the machine refuses
 */
export function readSmallFile(path: string, mostBytes: number): { readonly bytes: Buffer } | Damage | undefined {
  const file = openFile(path);
  if (file === undefined || 'damage' in file) return file;
  using open = file;
  if (open.sizeBytes > mostBytes) return { damage: `found ${open.sizeBytes.toLocaleString('en')} bytes` };
  return { bytes: readPart(open, path, 0, open.sizeBytes) };
}

/** Whether a file can be read and has exactly this text. */
export function isFileText(path: string, text: string): boolean {
  const wanted = Buffer.from(text);
  try {
    const found = readSmallFile(path, wanted.length);
    return found !== undefined && 'bytes' in found && found.bytes.equals(wanted);
  } catch {
    return false;
  }
}

/**
 * Reads `byteCount` bytes of a file from a position on; fewer if the file ends before.
 * @throws SystemError if the machine refuses
 */
export function readPart({ fd }: OpenFile, path: string, position: number, byteCount: number): Buffer {
  const bytes = Buffer.allocUnsafe(byteCount);
  let read = 0;
  try {
    for (let count = -1; count !== 0 && read < byteCount; read += count) {
      count = readSync(fd, bytes, read, byteCount - read, position + read);
    }
  } catch (error) {
    throw refusal(error, path);
  }
  return bytes.subarray(0, read);
}

export interface Replacing {
  readonly mode?: number;
  /** Whether the file is on the disk before this returns: first its bytes, then its name. */
  readonly synced?: boolean;
}

/** The ending of a part: what a process that died while it wrote a file has left beside it. */
export const PART = String.raw`(\.\d+\.part)`;

/** The path at which this process writes a file before it renames it. */
export function partPath(path: string): string {
  return `${path}.${process.pid}.part`;
}

/** Removes the parts of files whose names are `ours` from a folder, except those that a live process may be writing. */
export function removeParts(folder: string, ours: RegExp): void {
  for (const name of namesIn(folder)) {
    const [, whole = '', pid] = /^(.*?)(?:\.(\d+)\.part)+$/.exec(name) ?? [];
    if (pid !== undefined && ours.test(whole) && !isProcessAlive(Number(pid))) removeQuietly(join(folder, name));
  }
}

/** The names in a folder; none if it cannot be read, since parts may as well stay. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Writes a file piece by piece under another name, then renames it. Replaces an empty folder of that name, but no other.
 * @throws SystemError if the machine refuses
 */
export function replaceFile(
  path: string,
  pieces: Iterable<string | Uint8Array>,
  { mode = 0o644, synced = false }: Replacing = {},
): void {
  const beside = partPath(path);
  let neededBytes = 0;
  try {
    rmSync(beside, { force: true });
    const fd = openSync(beside, 'wx', mode);
    try {
      for (const piece of pieces) {
        neededBytes = Buffer.byteLength(piece);
        writeFileSync(fd, piece);
      }
      if (synced) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameOver(beside, path);
    if (synced) syncFolderNow(dirname(path));
  } catch (error) {
    removeQuietly(beside);
    throw refusal(error, path, neededBytes);
  }
}

/**
 * Renames a file over another, or over an empty folder.
 * @throws SystemError if the folder is not empty: its content may be the user's
 */
function renameOver(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!makesWay(to)) throw error;
    renameSync(from, to);
  }
}

/**
 * Removes a file, which may be gone already, or an empty folder of that name.
 * @throws SystemError if the folder is not empty: its content may be the user's; or if the machine refuses
 */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || makesWay(path)) return;
    throw refusal(error, path);
  }
}

/** Removes a file if possible. Use for a file that may as well stay. */
export function removeQuietly(path: string): void {
  try {
    removeFile(path);
  } catch {
    // It is only in the way.
  }
}

/** Removes an empty folder. Returns `false` if the path is not a folder. @throws SystemError if the folder is not empty */
function makesWay(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
    const advice = 'move it away, and give the same command again';
    throw new SystemError(`${path}: expected a file or nothing, found a folder that is not empty; ${advice}`);
  }
}

function syncFolderNow(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function refusal(error: unknown, path: string, neededBytes = 0): unknown {
  return refusedCall(refusedWrite(error, path, neededBytes), path);
}
