// The life of a run's files: begins a run with empty folders, continues one that another driver left, clears up after it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { clearFolder, listFolder, removeIfEmpty } from '../machine/folders.ts';
import { removeFile, removeParts } from '../machine/regular-file.ts';
import { OURS, type Workspace } from './paths.ts';
import { runsInHistory } from './run-history.ts';
import { type RunManifest, writeManifest } from './run-manifest.ts';

const STATE_FILES = /^(run\.json|job\.json|workers\.json|lock\.holder|token)$/;
/** The folders of a run in progress. The results of the last complete run lie elsewhere. */
const FOLDERS = ['chunks', 'intermediate', 'attempts'] as const;

/** Creates the folders of a new run, without any files of earlier runs, and records which run they belong to. */
export function beginRun(workspace: Workspace, run: RunManifest): void {
  clearRun(workspace);
  makeFolders(workspace);
  writeManifest(workspace.run, run);
}

/**
 * Prepares the folders of a run that is resumed. Of the files that an earlier driver left, the chunks and the files of
 * `committed` tasks stay.
 */
export function continueRun(workspace: Workspace, committed: ReadonlySet<string>): void {
  makeFolders(workspace);
  removeParts(workspace.chunks, OURS.chunks);
  for (const folder of ['intermediate', 'attempts'] as const) clearFolder(workspace[folder], OURS[folder], committed);
}

/** Removes the files of uncommitted attempts. */
export function endRun(workspace: Workspace): void {
  clearFolder(workspace.attempts, OURS.attempts);
  removeIfEmpty(workspace.attempts);
}

/** Removes what earlier runs left, and nothing that is not ours. A folder stays if something else lies in it. */
export function clearRun(workspace: Workspace): void {
  forgetRun(workspace);
  for (const folder of FOLDERS) {
    clearFolder(workspace[folder], OURS[folder]);
    removeIfEmpty(workspace[folder]);
  }
}

/** From now on the files belong to no run. */
export function forgetRun(workspace: Workspace): void {
  removeFile(workspace.run);
  removeFile(workspace.job);
}

/** Removes the parts left by drivers that died while they wrote a state file, or the report of the newest run. */
export function clearParts(workspace: Workspace): void {
  removeParts(workspace.dir, STATE_FILES);
  const newest = runsInHistory(workspace).at(-1);
  if (newest !== undefined) removeParts(join(workspace.history, newest), /^report\.html$/);
}

/** @throws SystemError if a folder that is not empty has the name of a file that can be made again */
function makeFolders(workspace: Workspace): void {
  for (const folder of FOLDERS) mkdirSync(workspace[folder], { recursive: true });
  for (const folder of ['chunks', 'intermediate'] as const) {
    const inTheWay = listFolder(workspace[folder]).filter(
      (entry) => OURS[folder].test(entry.name) && entry.isDirectory(),
    );
    for (const { name } of inTheWay) removeFile(join(workspace[folder], name));
  }
}
