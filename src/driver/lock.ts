// One driver a state directory. The lock is the operating system's own file lock, which SQLite takes for us: it ends
// with its process however that dies, so there is no stale lock to guess about.

import { closeSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { codeOf, messageOf, UsageError } from '../errors.ts';
import { refusedWrite } from '../refused-write.ts';
import { readIfThere, writeWhole } from '../workspace.ts';

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Takes the lock of a state directory for `purpose` (such as "a run of word-count").
 * @throws UsageError where another process holds it; it says which, and for what
 */
export function lockDirectory(lockPath: string, purpose: string): Disposable {
  makeDirectory(dirname(lockPath));
  const path = join(realpathSync(dirname(lockPath)), basename(lockPath));
  const holder = `${path}.holder`;
  if (held.has(path)) throw inUse(path, holder);
  makeLockFile(path);
  const file = inodeOf(path);
  const database = new DatabaseSync(path);
  try {
    // The journal in memory: the lock leaves no file of its own behind when its process is killed.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const isBusy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
    throw isBusy ? inUse(path, holder) : new UsageError(`${path}: expected a lock file, found: ${messageOf(error)}`);
  }
  if (file === undefined || inodeOf(path) !== file) {
    // The last holder removed the file while we opened it: what we hold is a lock on a file that nobody else finds.
    database.close();
    return lockDirectory(path, purpose);
  }
  held.add(path);
  using taken = new DisposableStack();
  // The files go while the lock holds, so that nothing is left of it and nobody else's is removed.
  taken.defer(() => {
    rmSync(holder, { force: true });
    rmSync(path, { force: true });
    database.close();
    held.delete(path);
  });
  writeWhole(holder, `${purpose}, process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`);
  return taken.move();
}

/** The operating system keeps locks by process, and drops one when its process opens and closes the file again. */
const held = new Set<string>();

/** Another process has the directory: waiting may help. */
export class DirectoryInUse extends UsageError {}

function inUse(path: string, holder: string): UsageError {
  const who = readIfThere(holder)?.trim() ?? 'another process';
  return new DirectoryInUse(
    `${dirname(path)} is in use by ${who}; wait for its end, or name another directory with --dir`,
  );
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw cannotWrite(dir, error);
  }
}

function makeLockFile(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw cannotWrite(dirname(path), error);
  }
}

function cannotWrite(dir: string, error: unknown): unknown {
  const refused = refusedWrite(error, join(dir, 'lock'), 0);
  if (refused !== error) return refused;
  const found = codeOf(error) ?? messageOf(error);
  return new UsageError(`${dir}: expected a state directory that can be written, found ${found}`);
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
