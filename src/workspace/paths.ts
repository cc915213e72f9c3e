// The path map: where everything lies below the state directory (`files/`), and what a path there stands for.
//
//   chunks/chunk_3.msgpack   the input of map task 3
//   intermediate/mr-3        its output: one sorted file, with one segment per partition
//   out/                     the results of the last complete run: see result-set.ts
//   attempts/DRIVER.map-3.1  what an attempt of a driver's run writes, until it is committed
//   attempts/DRIVER.map-3.1.at  its place mark, if it is careful: the record that it is about to run
//   run.json                 which run the files belong to
//   job.json                 what its job needs wherever it runs: folder, variables, its parts as they were
//   history/RUN/journal.ndjson   every event of a run
//   history/RUN/report.html  the dashboard of a run, as a file
//   token, lock, workers.json

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { PART } from '../machine/regular-file.ts';
import type { AttemptFailure } from '../protocol.ts';

export interface Workspace {
  /** The absolute path of the state directory. */
  readonly dir: string;
  readonly chunks: string;
  readonly intermediate: string;
  readonly out: string;
  readonly attempts: string;
  readonly token: string;
  readonly lock: string;
  /** What the `workers` command announces to drivers: its process, and the ports of its workers. */
  readonly standing: string;
  readonly run: string;
  readonly job: string;
  readonly history: string;
  journal(runId: string): string;
  report(runId: string): string;
  chunk(task: number): string;
  mapOutput(task: number): string;
  attempt(driverId: string, id: string): string;
  /** The place mark of a careful attempt. */
  placeMark(driverId: string, id: string): string;
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
    placeMark: (driverId, id) => below('attempts', `${driverId}.${id}.at`),
  };
}

/** The names of our files, per folder: nothing else is ever removed. */
export const OURS = {
  chunks: new RegExp(`^chunk_\\d+\\.msgpack${PART}?$`),
  intermediate: /^mr-\d+$/,
  out: new RegExp(`^(out-\\d+|skipped\\.ndjson${PART}?)$`),
  attempts: /^[\w-]+\.(map|reduce)-\d+\.\d+((\.(spill|pass)-\d+)*|\.at)$/,
};

/** Whether a path, with links resolved, is that of a file that the next run removes or replaces. */
export function isRunState(workspace: Workspace, path: string): boolean {
  const isIn = (folder: string): boolean => existsSync(folder) && realpathSync(folder) === dirname(path);
  if (existsSync(workspace.dir) && path.startsWith(join(realpathSync(workspace.dir), '.mapreduce-'))) return true;
  return (Object.keys(OURS) as (keyof typeof OURS)[]).some(
    (folder) => OURS[folder].test(basename(path)) && isIn(workspace[folder]),
  );
}

/** The task's file that a path stands for; undefined unless that file can be made again. */
export function taskFile(workspace: Workspace, path: string): AttemptFailure['damaged'] {
  const task = Number(/\d+(?=\.msgpack$|$)/.exec(basename(path)));
  if (path === workspace.chunk(task)) return { file: 'chunk', task };
  return path === workspace.mapOutput(task) ? { file: 'map-output', task } : undefined;
}
