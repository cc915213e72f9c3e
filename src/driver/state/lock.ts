// Locks a state directory, so that one driver at a time uses it. This is a file lock of the operating system, which SQLite takes
// for us: it ends with its process however that dies, so there are no stale locks.

import { closeSync, constants, openSync, realpathSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import * as v from 'valibot';

import { messageOf, SystemError, UsageError } from '../../errors.ts';
import { removeQuietly } from '../../machine/regular-file.ts';
import { readIfWhole, type StateFileKind, writeStateFile } from '../../workspace/state-file.ts';
import { makeFolders } from './state-directory.ts';
import { writable } from './writable-directory.ts';

/** https://www.sqlite.org/rescode.html, the primary result codes */
const SQLITE = { busy: 5, locked: 6, corrupt: 11, noDatabase: 26 } as const;
/** SQLite accepts paths of up to 512 bytes, to which it appends a few. */
const MOST_PATH_BYTES = 500;

/** Describes the holder of the lock, for people. Taking the lock does not depend on it. */
const Holder = v.object({ purpose: v.string(), pid: v.number(), host: v.string(), since: v.string() });
const HOLDER: StateFileKind<v.InferOutput<typeof Holder>> = {
  kind: 'lock-holder',
  version: 1,
  mostBytes: 64 << 10,
  content: Holder,
};

/**
 * Takes the lock of a state directory for `purpose` (such as "a run of word-count").
 * @throws UsageError if another process holds it: names the process and its purpose. SystemError if the machine refuses
 */
export function lockDirectory(lockPath: string, purpose: string): Disposable {
  makeDirectory(lockPath);
  const path = join(realpathSync(dirname(lockPath)), basename(lockPath));
  const holder = `${path}.holder`;
  if (held.has(path)) throw inUse(path, holder);
  makeLockFile(path);
  const file = inodeOf(path);
  const database = openLocked(path, holder);
  if (file === undefined || inodeOf(path) !== file) {
    // The last holder removed the file while we opened it: our lock is on a file that nobody else can find.
    database.close();
    return lockDirectory(path, purpose);
  }
  held.add(path);
  using taken = new DisposableStack();
  // The files are removed while the lock is held, so that nothing is left, and no other driver's file is removed: not even if
  // ours was deleted, and another driver has created its own.
  taken.defer(() => {
    if (inodeOf(path) === file) for (const ours of [holder, path]) removeQuietly(ours);
    database.close();
    held.delete(path);
  });
  writeHolder(holder, purpose);
  return taken.move();
}

/** The locks of this process. The system keeps them per process, and releases one when the process reopens and closes its file. */
const held = new Set<string>();

/** Another process uses the directory: waiting may help. */
export class DirectoryInUse extends UsageError {}

function openLocked(path: string, holder: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // With its journal in memory, SQLite leaves no other file when its process is killed.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    throw lockRefusal(error, path, holder);
  }
}

function lockRefusal(error: unknown, path: string, holder: string): Error {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  if (code === SQLITE.busy || code === SQLITE.locked) return inUse(path, holder);
  if (code === SQLITE.noDatabase || code === SQLITE.corrupt) {
    const found = 'found something else in it; remove it, or name another directory with --dir';
    return new UsageError(`${path}: expected a lock file, which is empty, ${found}`);
  }
  return new SystemError(
    `${path}: expected a lock, found: ${messageOf(error)}; mend that, and give the same command again`,
  );
}

function inUse(path: string, holder: string): UsageError {
  const found = readIfWhole(HOLDER, holder);
  const who = found && `${found.purpose}, process ${found.pid} on ${found.host}, since ${found.since}`;
  return new DirectoryInUse(
    `${dirname(path)} is in use by ${who ?? 'another process'}; wait for its end, or name another directory with --dir`,
  );
}

function writeHolder(holder: string, purpose: string): void {
  try {
    writeStateFile(HOLDER, holder, { purpose, pid: process.pid, host: hostname(), since: new Date().toISOString() });
  } catch {
    // Then the message for the next driver has less detail. If the disk is the problem, a later write will show it.
  }
}

function makeDirectory(lockPath: string): void {
  const most = MOST_PATH_BYTES - Buffer.byteLength('/lock');
  const bytes = Buffer.byteLength(dirname(lockPath));
  if (bytes > most) {
    throw new UsageError(`--dir: expected the path of a state directory to have at most ${most} bytes, found ${bytes}`);
  }
  writable(lockPath, () => makeFolders(dirname(lockPath)));
}

/** Creates the lock file. Opening it must not block, whatever it is. */
function makeLockFile(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) {
    const found = there.isDirectory() ? 'a folder' : 'something that is no file';
    const ways = 'move it away, or name another directory with --dir';
    throw new UsageError(`${path}: expected a lock file, found ${found}; ${ways}`);
  }
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;
  writable(path, () => closeSync(openSync(path, flags)));
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
