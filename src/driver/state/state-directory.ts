// The state directory as the user named it: looked at before anything starts, and made where it is missing.

import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import { type Workspace, workspaceAt } from '../../workspace/paths.ts';

/** SQLite, which takes the lock, opens no file with a longer path. */
const MOST_PATH_BYTES = 490;

/**
 * The workspace in a directory, which need not be there yet.
 * @throws UsageError if it can be none
 */
export function stateDirectory(dir: string): Workspace {
  if (dir === '' || dir.includes('\0')) throw refused(dir, 'a path', dir === '' ? 'none' : 'one with a NUL in it');
  const path = resolve(dir);
  checkLength(dir, path);
  const { at, stats } = nearest(dir, path);
  if (stats === undefined) throw refused(dir, 'a directory', 'a link that leads nowhere');
  if (!stats.isDirectory()) {
    throw refused(dir, 'a directory', at === path ? 'something else there' : `${at}, which is none, in its path`);
  }
  if (at === path) checkLength(dir, realpathSync(path));
  return workspaceAt(path);
}

/** Makes a directory and those above it. */
export function makeFolders(path: string): void {
  // Node's own recursive mkdir never ends where the system lets nobody make a folder, such as below /proc.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeFolders(above);
  try {
    mkdirSync(path);
  } catch (error) {
    const code = codeOf(error);
    // The one above is there, but takes none.
    if (code === 'ENOENT') throw new UsageError(`${path}: expected a place where a folder can be made, found none`);
    // Somebody else may have been faster.
    if (code !== 'EEXIST' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** What is there of a path: itself, or of those above it the nearest. Without `stats`: a link that leads nowhere. */
function nearest(dir: string, path: string): { readonly at: string; readonly stats: Stats | undefined } {
  for (let at = path; ; at = dirname(at)) {
    const stats = look(dir, () => statSync(at, { throwIfNoEntry: false }));
    const isThere = stats !== undefined || look(dir, () => lstatSync(at, { throwIfNoEntry: false })) !== undefined;
    if (isThere || at === dirname(at)) return { at, stats };
  }
}

function look(dir: string, stat: () => Stats | undefined): Stats | undefined {
  try {
    return stat();
  } catch (error) {
    // A file stands where a folder would have to: it is found on the way up.
    if (codeOf(error) === 'ENOTDIR') return undefined;
    if (['EACCES', 'ELOOP', 'ENAMETOOLONG', 'EPERM'].includes(codeOf(error) ?? ''))
      throw refused(dir, 'a directory that can be used', codeOf(error)!);
    throw error;
  }
}

function checkLength(dir: string, path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > MOST_PATH_BYTES) throw refused(dir, `a path of at most ${MOST_PATH_BYTES} bytes`, `${bytes}`);
}

function refused(dir: string, expected: string, found: string): UsageError {
  const named = dir.length > 100 ? `${dir.slice(0, 99)}…` : JSON.stringify(dir);
  return new UsageError(`--dir ${named}: expected ${expected}, found ${found}`);
}
