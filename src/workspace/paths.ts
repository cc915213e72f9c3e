// Every path below the state directory (`files/`), and how a file is committed.
//
//   chunks/chunk_3.msgpack   the input of map task 3
//   intermediate/mr-3        its output: one run, a segment a partition
//   out/                     the results of the last run that was done: see results.ts
//   attempts/DRIVER.map-3.1  what an attempt of a driver's run writes, until it is committed
//   attempts/DRIVER.map-3.1.at  the record that a careful attempt is at
//   attempts/DRIVER.map-3.1.keys    the keys that it emitted most: text stays in files
//   run.json                 which run the files belong to
//   job.json                 what its job has to find wherever it runs: folder, variables, its parts as they were
//   history/RUN/journal.ndjson   every event of a run
//   history/RUN/report.html  what the dashboard showed of it
//   token, lock, workers.json

import {
  type Dirent,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { codeOf } from '../errors.ts';
import type { AttemptFailure } from '../protocol.ts';
import { PART, removeFile, removeParts } from '../machine/regular-file.ts';
import { type RunRecord, writeRun } from './run-manifest.ts';

export interface Workspace {
  /** The absolute path of the state directory. */
  readonly dir: string;
  readonly chunks: string;
  readonly intermediate: string;
  readonly out: string;
  readonly attempts: string;
  readonly token: string;
  readonly lock: string;
  /** What the `workers` command leaves for drivers: its process, and the ports of its workers. */
  readonly standing: string;
  readonly run: string;
  readonly job: string;
  readonly history: string;
  journal(runId: string): string;
  report(runId: string): string;
  chunk(task: number): string;
  mapOutput(task: number): string;
  attempt(driverId: string, id: string): string;
  /** Where a careful attempt says which record it is at. */
  place(driverId: string, id: string): string;
}

export function workspaceAt(dir: string): Workspace {
  const root = resolve(dir);
  const below = (...names: string[]): string => join(root, ...names);
  return {
    dir: root,
    chunks: below('chunks'),
    intermediate: below('intermediate'),
    out: below('out'),
    attempts: below('attempts'),
    token: below('token'),
    lock: below('lock'),
    standing: below('workers.json'),
    run: below('run.json'),
    job: below('job.json'),
    history: below('history'),
    journal: (runId) => below('history', runId, 'journal.ndjson'),
    report: (runId) => below('history', runId, 'report.html'),
    chunk: (task) => below('chunks', `chunk_${task}.msgpack`),
    mapOutput: (task) => below('intermediate', `mr-${task}`),
    attempt: (driverId, id) => below('attempts', `${driverId}.${id}`),
    place: (driverId, id) => below('attempts', `${driverId}.${id}.at`),
  };
}

/** The names that are ours, a folder each: nothing else is ever removed. */
export const OURS = {
  chunks: new RegExp(`^chunk_\\d+\\.msgpack${PART}?$`),
  intermediate: /^mr-\d+$/,
  out: new RegExp(`^(out-\\d+|skipped\\.ndjson${PART}?)$`),
  attempts: /^[\w-]+\.(map|reduce)-\d+\.\d+((\.(spill|pass)-\d+)*|\.at|\.keys)$/,
};
const RUN_FOLDER = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
const HISTORY = new RegExp(`^(journal\\.ndjson|report\\.html${PART}?)$`);
const STATE_FILES = /^(run\.json|job\.json|workers\.json|lock\.holder|token)$/;
/** The folders of a run that is under way: the results of the last one lie apart. */
const FOLDERS = ['chunks', 'intermediate', 'attempts'] as const;

/** From now on the files belong to no run. */
export function forgetRun(workspace: Workspace): void {
  removeFile(workspace.run);
  removeFile(workspace.job);
}

/** Removes what drivers have left that died while they wrote a state file, or the report of the newest run. */
export function clearParts(workspace: Workspace): void {
  removeParts(workspace.dir, STATE_FILES);
  const newest = runsInHistory(workspace).at(-1);
  if (newest !== undefined) removeParts(join(workspace.history, newest), /^report\.html$/);
}

/** Removes what earlier runs left, and nothing that is not ours; the folders stay where something else lies in them. */
export function clearRun(workspace: Workspace): void {
  forgetRun(workspace);
  for (const folder of FOLDERS) {
    clearOf(workspace[folder], OURS[folder]);
    removeIfEmpty(workspace[folder]);
  }
}

/** Removes what is kept of earlier runs. */
export function clearHistory(workspace: Workspace): void {
  for (const runId of runsInHistory(workspace)) {
    const folder = join(workspace.history, runId);
    for (const entry of list(folder)) if (HISTORY.test(entry.name)) removeFile(join(folder, entry.name));
    removeIfEmpty(folder);
  }
  removeIfEmpty(workspace.history);
}

/** The runs that the history has something of, in the order of their ids, which is that of the seconds they began in. */
export function runsInHistory(workspace: Workspace): string[] {
  return list(workspace.history)
    .filter((entry) => entry.isDirectory() && RUN_FOLDER.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Makes the folders of a new run, empty of what is ours, and says whose they are. */
export function beginRun(workspace: Workspace, run: RunRecord): void {
  clearRun(workspace);
  makeFolders(workspace);
  writeRun(workspace.run, run);
}

/**
 * Makes the folders of a run that goes on fit for it: of what an earlier driver left, the chunks stay, and the files of
 * tasks that are `committed`.
 */
export function continueRun(workspace: Workspace, committed: ReadonlySet<string>): void {
  makeFolders(workspace);
  removeParts(workspace.chunks, OURS.chunks);
  for (const folder of ['intermediate', 'attempts'] as const) clearOf(workspace[folder], OURS[folder], committed);
}

/** @throws SystemError if a folder that is not empty stands in the place of a file that can be made again */
function makeFolders(workspace: Workspace): void {
  for (const folder of FOLDERS) mkdirSync(workspace[folder], { recursive: true });
  for (const folder of ['chunks', 'intermediate'] as const) {
    const inTheWay = list(workspace[folder]).filter((entry) => OURS[folder].test(entry.name) && entry.isDirectory());
    for (const { name } of inTheWay) removeFile(join(workspace[folder], name));
  }
}

/** Removes what uncommitted attempts left. */
export function endRun(workspace: Workspace): void {
  clearOf(workspace.attempts, OURS.attempts);
  removeIfEmpty(workspace.attempts);
}

/** Removes the files of a folder that are `ours`, but for those that are to be kept. */
export function clearOf(folder: string, ours: RegExp, kept: ReadonlySet<string> = new Set()): void {
  for (const entry of list(folder)) {
    const path = join(folder, entry.name);
    if (ours.test(entry.name) && !entry.isDirectory() && !kept.has(path)) removeFile(path);
  }
}

/** Whether a path, links resolved, is one of a file that the next run removes or replaces. */
export function isRunState(workspace: Workspace, path: string): boolean {
  const isIn = (folder: string): boolean => existsSync(folder) && realpathSync(folder) === dirname(path);
  if (existsSync(workspace.dir) && path.startsWith(join(realpathSync(workspace.dir), '.mapreduce-'))) return true;
  return (Object.keys(OURS) as (keyof typeof OURS)[]).some(
    (folder) => OURS[folder].test(basename(path)) && isIn(workspace[folder]),
  );
}

/** The file of a task that a path is, where it is one that can be made again. */
export function taskFile(workspace: Workspace, path: string): AttemptFailure['damaged'] {
  const task = Number(/\d+(?=\.msgpack$|$)/.exec(basename(path)));
  if (path === workspace.chunk(task)) return { file: 'chunk', task };
  return path === workspace.mapOutput(task) ? { file: 'map-output', task } : undefined;
}

/**
 * Makes an attempt's file the task's file. An output, whose bytes the attempt has synced, counts when the folder is synced.
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

/** Waits until the names in a folder are on the disk as they were when this was called. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}

/** Removes a folder with nothing in it; leaves any other. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
  }
}
