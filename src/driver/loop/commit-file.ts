// Commits a task: a rename makes the file of an attempt the file of its task.

import { lstatSync, renameSync } from 'node:fs';

/**
 * Renames an attempt's file to the task's file. The attempt has synced the bytes of an output; its new name is on the disk
 * after the next sync of the folder. Map outputs are not synced.
 * @throws Error unless it is a file of the size that the attempt reported
 */
export function commitFile(attempt: string, committed: string, bytes: number): void {
  const stats = lstatSync(attempt, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size !== bytes) {
    const found = stats === undefined ? 'none' : stats.isFile() ? `${stats.size} bytes` : 'something else';
    throw new Error(`${attempt}: expected a file of ${bytes} bytes, found ${found}`);
  }
  renameSync(attempt, committed);
}
