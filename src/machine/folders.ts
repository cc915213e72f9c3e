// Lists, clears, removes and syncs folders. A folder that does not exist counts as empty.

import { type Dirent, readdirSync, rmdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { codeOf } from '../errors.ts';
import { removeFile } from './regular-file.ts';

/** The entries of a folder; none if there is no such folder. */
export function listFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}

/** Removes the files of a folder whose names are `ours`, except those at the paths to be kept. Folders stay. */
export function clearFolder(folder: string, ours: RegExp, kept: ReadonlySet<string> = new Set()): void {
  for (const entry of listFolder(folder)) {
    const path = join(folder, entry.name);
    if (ours.test(entry.name) && !entry.isDirectory() && !kept.has(path)) removeFile(path);
  }
}

/** Removes an empty folder; leaves any other. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
  }
}

/** Waits until the disk has the names in a folder as they were when this was called. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
