// The results of a run: their folders, and how a complete set of results replaces the one before.
//
// A run builds its results in a folder beside the one in which readers find them, so that one rename puts all of them in
// place. Until then the last complete results stay as they are, whatever happens to the run.
//
//   out/                          the results: out-0, out-1, …, skipped.ndjson
//   .mapreduce-RUN/new/           the results that run RUN has committed so far
//   .mapreduce-RUN/old/           the previous results, while they are being replaced
//   .mapreduce-RUN/attempts/      the files of reduce attempts, if the results are not in the state directory

import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { clearFolder, listFolder, removeIfEmpty, syncFolder } from '../machine/folders.ts';
import { OURS, type Workspace } from './paths.ts';
import type { RunManifest } from './run-manifest.ts';

/** The folders of a run's results. All paths are absolute. */
export interface Results {
  /** Where readers find the complete results. */
  readonly folder: string;
  /** Holds what is not for readers, during the run. */
  readonly work: string;
  /** Where the results are built. */
  readonly building: string;
  /** Where reduce attempts write: on the file system of the results, so that a commit is a rename. */
  readonly attempts: string;
  readonly reduceCount: number;
}

const WORK = /^\.mapreduce-[\w-]+$/;
/** There is one, unless several drivers have died while they replaced results. */
const REPLACED = /^old(-\d+)?$/;
/** The list of the skipped records. */
export const SKIPPED = 'skipped.ndjson';

/** `run.output` is the folder that the user asked for, instead of the one in the state directory. */
export function resultsOf(
  workspace: Workspace,
  { id, reduceCount, output }: Pick<RunManifest, 'id' | 'reduceCount' | 'output'>,
): Results {
  const folder = output ?? workspace.out;
  const work = join(dirname(folder), `.mapreduce-${id}`);
  const attempts = output === undefined ? workspace.attempts : join(work, 'attempts');
  return { folder, work, building: join(work, 'new'), attempts, reduceCount };
}

/** Whether this is the name of a folder in which results are built. */
export function isWorkFolder(name: string): boolean {
  return WORK.test(name);
}

/** The name of an output. As text, the names of a run sort as their tasks do: shorter numbers have zeros in front. */
export function outputName(task: number, reduceCount: number): string {
  return `out-${String(task).padStart(String(reduceCount - 1).length, '0')}`;
}

/** The outputs of a run in a folder, in the order of their tasks. */
export function outputPaths(folder: string, reduceCount: number): string[] {
  return Array.from({ length: reduceCount }, (_, task) => join(folder, outputName(task, reduceCount)));
}

/** Creates the folders in which a run builds its results. */
export function beginResults({ building, attempts }: Results): void {
  mkdirSync(building, { recursive: true });
  mkdirSync(attempts, { recursive: true });
}

/** Removes the files of reduce attempts that were not committed. */
export function clearAttempts({ attempts }: Results): void {
  clearFolder(attempts, OURS.attempts);
  removeIfEmpty(attempts);
}

/** Prepares the folders for a run that is resumed: of the files in them, those of `committed` tasks stay. */
export function continueResults(results: Results, committed: ReadonlySet<string>): void {
  beginResults(results);
  clearFolder(results.building, OURS.out, committed);
  clearFolder(results.attempts, OURS.attempts);
}

/** Whether an earlier driver that had begun to publish the results has put them in place. */
export function areInPlace({ building, work }: Results): boolean {
  return !existsSync(building) && existsSync(work);
}

/**
 * Replaces the previous results by the new ones, and carries over foreign files that lie with them. If it was interrupted
 * anywhere, calling it again does the rest.
 */
export async function publishResults(results: Results): Promise<void> {
  const { folder, work, building } = results;
  if (existsSync(building)) {
    const before = statSync(folder, { throwIfNoEntry: false });
    moveAside(results);
    renameSync(building, folder);
    // The folder keeps the permissions that the user gave it.
    if (before?.isDirectory() === true) chmodSync(folder, before.mode & 0o7777);
  }
  await syncFolder(dirname(folder));
  await syncFolder(work);
  carryOver(results);
  await syncFolder(folder);
}

/** Removes the work of a run that has ended or was given up. Puts back results that were only half replaced. */
export function dropWork(results: Results): void {
  const { folder, work, building } = results;
  const [replaced] = replacedIn(results);
  if (replaced !== undefined && !existsSync(folder)) renameSync(replaced, folder);
  carryOver(results);
  clearFolder(building, OURS.out);
  removeIfEmpty(building);
  clearAttempts(results);
  removeIfEmpty(work);
}

/** Like `dropWork`, but leaves what cannot be removed: the next run will remove it. */
export function dropWorkIfPossible(results: Results): void {
  try {
    dropWork(results);
  } catch {
    // The results are in place, which is what matters.
  }
}

/** Removes the unpublished work of all runs of a state directory: in it, and where the `last` run builds its results. */
export function dropAllWork(workspace: Workspace, last: Pick<RunManifest, 'id' | 'output'> | undefined): void {
  if (last?.output !== undefined) dropWork(resultsOf(workspace, { ...last, reduceCount: 1 }));
  for (const { name } of listFolder(workspace.dir)) {
    if (WORK.test(name)) dropWork(resultsOf(workspace, { id: name.slice('.mapreduce-'.length), reduceCount: 1 }));
  }
}

/** Removes the results of the last run, if they are in the state directory. */
export function clearResults(workspace: Workspace): void {
  clearFolder(workspace.out, OURS.out);
  removeIfEmpty(workspace.out);
}

function moveAside({ folder, work }: Results): void {
  if (!existsSync(folder)) return;
  for (let number = 1; ; number++) {
    const aside = join(work, number === 1 ? 'old' : `old-${number}`);
    if (!existsSync(aside)) return renameSync(folder, aside);
  }
}

function replacedIn({ work }: Results): string[] {
  return listFolder(work)
    .filter((entry) => REPLACED.test(entry.name))
    .map(({ name }) => join(work, name))
    .sort();
}

/** Removes the replaced results. Foreign files that lay with them are moved to the new ones. */
function carryOver(results: Results): void {
  const { folder } = results;
  for (const replaced of replacedIn(results)) {
    if (!lstatSync(replaced).isDirectory()) {
      // A foreign file that took the place of the folder.
      renameSync(replaced, freeName(folder));
      continue;
    }
    clearFolder(replaced, OURS.out);
    for (const { name } of listFolder(replaced)) renameSync(join(replaced, name), freeName(join(folder, name)));
    removeIfEmpty(replaced);
  }
}

/** The path itself, or a similar one if something is there, such as an output that has the name of a foreign folder. */
function freeName(path: string): string {
  let free = path;
  for (let number = 1; existsSync(free); number++) free = `${path}.kept-${number}`;
  return free;
}
