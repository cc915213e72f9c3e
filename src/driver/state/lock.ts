// One driver a state directory. The lock is the operating system's own file lock, which SQLite takes for us: it ends
// with its process however that dies, so there is no stale lock to guess about.

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

/** https://www.sqlite.org/rescode.html, without what an extended code adds */
const SQLITE = { busy: 5, locked: 6, corrupt: 11, noDatabase: 26 } as const;
/** SQLite takes paths of up to 512 bytes, and adds a few of its own. */
const MOST_PATH_BYTES = 500;

/** Who holds the lock: for people, and not needed to take it. */
const Holder = v.object({ purpose: v.string(), pid: v.number(), host: v.string(), since: v.string() });
const HOLDER: StateFileKind<v.InferOutput<typeof Holder>> = {
  kind: 'lock-holder',
  version: 1,
  mostBytes: 64 << 10,
  content: Holder,
};

/**
 * Takes the lock of a state directory for `purpose` (such as "a run of word-count").
 * @throws UsageError where another process holds it; it says which, and for what. SystemError if the machine refuses
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
    // The last holder removed the file while we opened it: what we hold is a lock on a file that nobody else finds.
    database.close();
    return lockDirectory(path, purpose);
  }
  held.add(path);
  using taken = new DisposableStack();
  // The files go while the lock holds, so that nothing is left of it and nobody else's is removed: also not if somebody
  // has removed ours, and another driver has made its own.
  taken.defer(() => {
    if (inodeOf(path) === file) for (const ours of [holder, path]) removeQuietly(ours);
    database.close();
    held.delete(path);
  });
  sayWhoHolds(holder, purpose);
  return taken.move();
}

/** The operating system keeps locks by process, and drops one when its process opens and closes the file again. */
const held = new Set<string>();

/** Another process has the directory: waiting may help. */
export class DirectoryInUse extends UsageError {}

function openLocked(path: string, holder: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The journal in memory: the lock leaves no file of its own behind when its process is killed.
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

function sayWhoHolds(holder: string, purpose: string): void {
  try {
    writeStateFile(HOLDER, holder, { purpose, pid: process.pid, host: hostname(), since: new Date().toISOString() });
  } catch {
    // Who comes next is told less. What a run cannot do without is written after this.
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

/** Opening it must not wait, whatever it is. */
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
