// Every path below the state directory (`files/`), and how a file is committed.
//
//   chunks/chunk_3.msgpack   the input of map task 3
//   intermediate/mr-3        its output: one run, a segment a partition
//   out/out-1                the output of reduce task 1
//   attempts/RUN.map-3.1     what an attempt of a run writes, until it is committed
//   run.json                 which run the files belong to
//   token, lock, workers.json

import {
  type Dirent,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { codeOf } from './errors.ts';

/** What `run.json` says. */
export interface RunRecord {
  readonly id: string;
  readonly job: string;
  readonly mapCount: number;
  readonly reduceCount: number;
  /** Where keys are partitioned by range: the first key of each partition but the first, in base64. */
  readonly firstKeys?: readonly string[] | undefined;
}

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
  chunk(task: number): string;
  mapOutput(task: number): string;
  reduceOutput(task: number): string;
  attempt(runId: string, id: string): string;
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
    chunk: (task) => below('chunks', `chunk_${task}.msgpack`),
    mapOutput: (task) => below('intermediate', `mr-${task}`),
    reduceOutput: (task) => below('out', `out-${task}`),
    attempt: (runId, id) => below('attempts', `${runId}.${id}`),
  };
}

/** The names that are ours, a folder each: nothing else is ever removed. */
const OURS = {
  chunks: /^chunk_\d+\.msgpack$/,
  intermediate: /^mr-\d+$/,
  out: /^out-\d+$/,
  attempts: /^[\w-]+\.(map|reduce)-\d+\.\d+(\.(spill|pass)-\d+)*$/,
};
type Folder = keyof typeof OURS;
const FOLDERS = Object.keys(OURS) as Folder[];

/** Removes what earlier runs left, and nothing that is not ours; the folders stay where something else lies in them. */
export function clearRun(workspace: Workspace): void {
  rmSync(workspace.run, { force: true });
  for (const folder of FOLDERS) clearFolder(workspace, folder);
}

/** Makes the folders of a new run, empty of what is ours, and says whose they are. */
export function beginRun(workspace: Workspace, run: RunRecord): void {
  clearRun(workspace);
  for (const folder of FOLDERS) mkdirSync(workspace[folder], { recursive: true });
  writeWhole(workspace.run, `${JSON.stringify(run)}\n`);
}

/** Removes what uncommitted attempts left. */
export function endRun(workspace: Workspace): void {
  clearFolder(workspace, 'attempts');
}

function clearFolder(workspace: Workspace, folder: Folder): void {
  for (const entry of list(workspace[folder])) {
    if (OURS[folder].test(entry.name) && !entry.isDirectory()) remove(join(workspace[folder], entry.name));
  }
  removeIfEmpty(workspace[folder]);
}

/** Whether a path, links resolved, is one of a file that `clearRun` removes. */
export function isRunState(workspace: Workspace, path: string): boolean {
  const isIn = (folder: string): boolean => existsSync(folder) && realpathSync(folder) === dirname(path);
  return FOLDERS.some((folder) => OURS[folder].test(basename(path)) && isIn(workspace[folder]));
}

/** The run that the files belong to; undefined where there is none. */
export function readRun(workspace: Workspace): RunRecord | undefined {
  const text = readIfThere(workspace.run);
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord);
}

/**
 * Makes an attempt's file, whose bytes the attempt has synced, the task's file. It counts when the folder is synced: the
 * one moment at which a result comes to be.
 */
export function commitFile(attempt: string, committed: string): void {
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

/** Writes a small file so that a reader sees all of it or nothing. */
export function writeWhole(path: string, text: string, mode = 0o644): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes a file that somebody else may have removed. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Removes a folder with nothing in it; leaves any other. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
  }
}
