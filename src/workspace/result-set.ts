// The results of a run: where they lie, and how a complete set of them takes the place of the one before.
//
// A run builds its results in a folder beside the one in which readers find them, so that a rename puts all of them in
// place. Until then the last complete results stay as they are, whatever becomes of the run.
//
//   out/                          the results: out-0, out-1, …, skipped.ndjson
//   .mapreduce-RUN/new/           what run RUN has committed of its results so far
//   .mapreduce-RUN/old/           the results that were there before, while they are being replaced
//   .mapreduce-RUN/attempts/      what reduce attempts write, where the results are not in the state directory

import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { clearFolder, listFolder, removeIfEmpty, syncFolder } from '../machine/folders.ts';
import { OURS, type Workspace } from './paths.ts';
import type { RunManifest } from './run-manifest.ts';

/** Where the results of a run lie. All paths are absolute. */
export interface Results {
  /** Where readers find them when they are complete. */
  readonly folder: string;
  /** Holds what is not for readers, while the run goes on. */
  readonly work: string;
  /** Where they are built. */
  readonly building: string;
  /** Where reduce attempts write: on the file system of the results, so that a commit is a rename. */
  readonly attempts: string;
  readonly reduceCount: number;
}

const WORK = /^\.mapreduce-[\w-]+$/;
/** One, unless the deaths of several drivers have left more. */
const REPLACED = /^old(-\d+)?$/;
/** The list of the records that were left out. */
export const SKIPPED = 'skipped.ndjson';

/** `run.output` is the folder that is asked for in place of the one in the state directory. */
export function resultsOf(
  workspace: Workspace,
  { id, reduceCount, output }: Pick<RunManifest, 'id' | 'reduceCount' | 'output'>,
): Results {
  const folder = output ?? workspace.out;
  const work = join(dirname(folder), `.mapreduce-${id}`);
  const attempts = output === undefined ? workspace.attempts : join(work, 'attempts');
  return { folder, work, building: join(work, 'new'), attempts, reduceCount };
}

/** Whether a name is that of a folder in which results are built. */
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

/** Makes the folders in which a run builds its results. */
export function beginResults({ building, attempts }: Results): void {
  mkdirSync(building, { recursive: true });
  mkdirSync(attempts, { recursive: true });
}

/** Removes what reduce attempts have left that were not committed. */
export function clearAttempts({ attempts }: Results): void {
  clearFolder(attempts, OURS.attempts);
  removeIfEmpty(attempts);
}

/** Makes it fit for a run that goes on: of what was built, the files of tasks that are `committed` stay. */
export function continueResults(results: Results, committed: ReadonlySet<string>): void {
  beginResults(results);
  clearFolder(results.building, OURS.out, committed);
  clearFolder(results.attempts, OURS.attempts);
}

/** Whether an earlier driver, which had begun to put the results in place, has done so. */
export function areInPlace({ building, work }: Results): boolean {
  return !existsSync(building) && existsSync(work);
}

/**
 * Puts the results that were built in place of those that are there, and carries over what else lies with them. Called
 * again after it was interrupted anywhere, it does what is left to do.
 */
export async function publishResults(results: Results): Promise<void> {
  const { folder, work, building } = results;
  if (existsSync(building)) {
    const before = statSync(folder, { throwIfNoEntry: false });
    moveAside(results);
    renameSync(building, folder);
    // The folder stays as its user has made it.
    if (before?.isDirectory() === true) chmodSync(folder, before.mode & 0o7777);
  }
  await syncFolder(dirname(folder));
  await syncFolder(work);
  carryOver(results);
  await syncFolder(folder);
}

/** The run is given up, or over: removes what is left of its work. Results that were only half replaced are put back. */
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

/** What cannot be removed goes when the next run begins. */
export function dropWorkIfPossible(results: Results): void {
  try {
    dropWork(results);
  } catch {
    // The results are where they belong.
  }
}

/** Gives up what runs of a state directory have built and not put in place: below it, and where the `last` one builds. */
export function dropAllWork(workspace: Workspace, last: Pick<RunManifest, 'id' | 'output'> | undefined): void {
  if (last?.output !== undefined) dropWork(resultsOf(workspace, { ...last, reduceCount: 1 }));
  for (const { name } of listFolder(workspace.dir)) {
    if (WORK.test(name)) dropWork(resultsOf(workspace, { id: name.slice('.mapreduce-'.length), reduceCount: 1 }));
  }
}

/** Removes the results of the last run, where they are in the state directory. */
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

/** Of the results that were replaced, ours go; what else lay with them belongs to somebody, and goes where the new ones are. */
function carryOver(results: Results): void {
  const { folder } = results;
  for (const replaced of replacedIn(results)) {
    if (!lstatSync(replaced).isDirectory()) {
      // Somebody has put it in the place of the folder.
      renameSync(replaced, freeName(folder));
      continue;
    }
    clearFolder(replaced, OURS.out);
    for (const { name } of listFolder(replaced)) renameSync(join(replaced, name), freeName(join(folder, name)));
    removeIfEmpty(replaced);
  }
}

/** The path, or one beside it if something is there, such as an output that has the name of a folder. */
function freeName(path: string): string {
  let free = path;
  for (let number = 1; existsSync(free); number++) free = `${path}.kept-${number}`;
  return free;
}
