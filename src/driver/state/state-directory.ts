// Checks the state directory that the user named, before anything starts; creates it if it is missing.

import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import { type Workspace, workspaceAt } from '../../workspace/paths.ts';

/** SQLite, which takes the lock, opens no files with longer paths. */
const MOST_PATH_BYTES = 490;

/**
 * The workspace in a directory, which need not exist yet.
 * @throws UsageError if it cannot be a state directory
 */
export function stateDirectory(dir: string): Workspace {
  if (dir === '' || dir.includes('\0')) throw refused(dir, 'a path', dir === '' ? 'none' : 'one with a NUL in it');
  const path = resolve(dir);
  checkLength(dir, path);
  const { at, stats } = nearest(dir, path);
  if (stats === undefined) throw refused(dir, 'a directory', 'a link that leads nowhere');
  if (!stats.isDirectory()) {
    throw refused(dir, 'a directory', at === path ? 'something else there' : `${at}, which is not one, in its path`);
  }
  if (at === path) checkLength(dir, realpathSync(path));
  return workspaceAt(path);
}

/** Creates a directory and those above it. */
export function makeFolders(path: string): void {
  // Node's own recursive mkdir never returns in places where no folder can be created, such as below /proc.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeFolders(above);
  try {
    mkdirSync(path);
  } catch (error) {
    const code = codeOf(error);
    // The directory above exists, but none can be created in it.
    if (code === 'ENOENT') throw new UsageError(`${path}: expected a place where a folder can be made, found none`);
    // Another process may have been faster.
    if (code !== 'EEXIST' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** The part of a path that exists: the path itself, or the nearest one above. Without `stats` it is a link that leads nowhere. */
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
    // A file is in the place of a folder: it will be found on the way up.
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
