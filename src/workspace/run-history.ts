// The folder `history/`: what is kept of each run, in a folder named after the run.

import { join } from 'node:path';

import { clearFolder, listFolder, removeIfEmpty } from '../machine/folders.ts';
import { PART } from '../machine/regular-file.ts';
import type { Workspace } from './paths.ts';

const RUN_FOLDER = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
const KEPT_FILES = new RegExp(`^(journal\\.ndjson|report\\.html${PART}?)$`);

/** The ids of the runs in the history, oldest first: an id begins with the second in which its run began. */
export function runsInHistory(workspace: Workspace): string[] {
  return listFolder(workspace.history)
    .filter((entry) => entry.isDirectory() && RUN_FOLDER.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Removes what is kept of earlier runs. */
export function clearHistory(workspace: Workspace): void {
  for (const runId of runsInHistory(workspace)) {
    const folder = join(workspace.history, runId);
    clearFolder(folder, KEPT_FILES);
    removeIfEmpty(folder);
  }
  removeIfEmpty(workspace.history);
}
