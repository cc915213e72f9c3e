import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from 'vitest';

import { readRun, type RunRecord } from '../../../src/workspace/run-manifest.ts';
import {
  beginRun,
  clearHistory,
  clearParts,
  clearRun,
  commitFile,
  continueRun,
  endRun,
  isRunState,
  taskFile,
  type Workspace,
  workspaceAt,
} from '../../../src/workspace/paths.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const run: RunRecord = { id: 'run-1', job: '/jobs/word-count.ts', mapCount: 3, reduceCount: 2 };

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path);
  }
}

/** All files below a folder, as paths from there. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** A file of each kind that runs leave. */
function runFiles(workspace: Workspace): string[] {
  return [
    workspace.chunk(0),
    workspace.chunk(12),
    workspace.mapOutput(12),
    workspace.attempt('run-1', 'map-3.1'),
    workspace.attempt('run-1', 'reduce-0.12'),
    `${workspace.attempt('run-1', 'map-3.1')}.spill-7`,
    workspace.place('run-1', 'map-3.1'),
  ];
}

test('every path is absolute and below the state directory', () => {
  const workspace = workspaceAt('some/../files');
  expect(workspace.dir).toBe(join(process.cwd(), 'files'));
  expect(relative(workspace.dir, workspace.chunk(3))).toBe('chunks/chunk_3.msgpack');
  expect(relative(workspace.dir, workspace.mapOutput(3))).toBe('intermediate/mr-3');
  expect(relative(workspace.dir, workspace.attempt('run-1', 'map-3.1'))).toBe('attempts/run-1.map-3.1');
});

test('clearing removes everything that runs left, with the folders', () => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, run);
  write(...runFiles(workspace));
  clearRun(workspace);
  expect(readdirSync(workspace.dir)).toEqual([]);
});

test("clearing leaves the user's files, also where their names come close to ours", () => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, run);
  const theirs = [
    join(workspace.dir, 'notes.txt'),
    join(workspace.dir, 'mr-0'),
    join(workspace.chunks, 'chunk_.msgpack'),
    join(workspace.chunks, 'chunk_0.msgpack.bak'),
    join(workspace.chunks, 'my-chunk_0.msgpack'),
    join(workspace.intermediate, 'mr-x'),
    join(workspace.intermediate, 'mr-0.txt'),
    join(workspace.attempts, 'map-0.1'),
    join(workspace.attempts, 'run-1.map-0'),
    join(workspace.attempts, 'run-1.map-0.1.spill'),
  ];
  write(...theirs, ...runFiles(workspace));
  clearRun(workspace);
  expect(filesBelow(workspace.dir)).toEqual(theirs.map((path) => relative(workspace.dir, path)).sort());
});

test('clearing leaves folders, also where their names are ours', () => {
  const workspace = workspaceAt(temporaryFolder());
  const inside = join(workspace.intermediate, 'mr-0', 'mr-1');
  write(inside, join(workspace.intermediate, 'kept', 'mr-2'));
  clearRun(workspace);
  expect(filesBelow(workspace.dir)).toEqual(['intermediate/kept/mr-2', 'intermediate/mr-0/mr-1']);
});

test('clearing removes a link that has our name, and never what it leads to', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  const [theirs, folderOfTheirs] = [join(folder, 'theirs.txt'), join(folder, 'theirs')];
  write(theirs, join(folderOfTheirs, 'mr-0'));
  mkdirSync(workspace.intermediate, { recursive: true });
  symlinkSync(theirs, workspace.mapOutput(0));
  symlinkSync(folderOfTheirs, workspace.mapOutput(1));
  symlinkSync(theirs, join(workspace.intermediate, 'link.txt'));
  clearRun(workspace);
  expect(filesBelow(folder)).toEqual(['files/intermediate/link.txt', 'theirs.txt', 'theirs/mr-0']);
});

test('what a driver left that died while it wrote a state file goes, and nothing that lives or is not ours', () => {
  const workspace = workspaceAt(temporaryFolder());
  const { pid: dead } = spawnSync('true');
  const report = workspace.report('20260102T030405Z-abcdef');
  const files = [workspace.run, workspace.job, workspace.standing, workspace.token, `${workspace.lock}.holder`, report];
  const theirs = [
    `${workspace.run}.${process.pid}.part`,
    `${workspace.run}.${dead}`,
    join(workspace.dir, `notes.txt.${dead}.part`),
    join(workspace.dir, 'run.json.x.part'),
  ];
  write(...files, ...theirs, ...files.map((path) => `${path}.${dead}.part`), `${workspace.token}.7.part.${dead}.part`);
  clearParts(workspace);
  expect(filesBelow(workspace.dir)).toEqual([...files, ...theirs].map((path) => relative(workspace.dir, path)).sort());
});

test('a chunk that a driver left half written goes when the run goes on, and when it is cleared', () => {
  const workspace = workspaceAt(temporaryFolder());
  const { pid: dead } = spawnSync('true');
  const part = `${workspace.chunk(0)}.${dead}.part`;
  write(workspace.chunk(0), part);
  continueRun(workspace, new Set());
  expect(readdirSync(workspace.chunks)).toEqual(['chunk_0.msgpack']);
  write(part);
  clearRun(workspace);
  expect(readdirSync(workspace.dir)).toEqual([]);
});

test('the history is cleared of a report that was half written', () => {
  const workspace = workspaceAt(temporaryFolder());
  write(`${workspace.report('20260102T030405Z-abcdef')}.7.part`);
  clearHistory(workspace);
  expect(readdirSync(workspace.dir)).toEqual([]);
});

test('clearing where nothing ever ran does nothing', () => {
  const workspace = workspaceAt(join(temporaryFolder(), 'never'));
  clearRun(workspace);
  expect(existsSync(workspace.dir)).toBe(false);
});

test('clearing leaves the token, and the lock', () => {
  const workspace = workspaceAt(temporaryFolder());
  write(workspace.token, workspace.lock);
  clearRun(workspace);
  expect(readdirSync(workspace.dir).sort()).toEqual(['lock', 'token']);
});

test('a run begins with empty folders and says whose they are', () => {
  const workspace = workspaceAt(join(temporaryFolder(), 'new', 'files'));
  beginRun(workspace, run);
  write(...runFiles(workspace));
  beginRun(workspace, { ...run, id: 'run-2' });
  expect(filesBelow(workspace.dir)).toEqual(['run.json']);
  expect(readdirSync(workspace.dir).sort()).toEqual(['attempts', 'chunks', 'intermediate', 'run.json']);
  expect(readRun(workspace.run)).toEqual({ ...run, id: 'run-2' });
});

test('the end of a run removes what uncommitted attempts left, and nothing else', () => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, run);
  write(...runFiles(workspace));
  endRun(workspace);
  expect(filesBelow(workspace.dir)).toEqual([
    'chunks/chunk_0.msgpack',
    'chunks/chunk_12.msgpack',
    'intermediate/mr-12',
    'run.json',
  ]);
});

test('where no run is, none is read', () => {
  expect(readRun(workspaceAt(temporaryFolder()).run)).toBeUndefined();
});

test("a commit makes the attempt's file the task's file, in place of one that is there", () => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, run);
  const attempt = workspace.attempt('run-1', 'map-0.2');
  write(attempt, workspace.mapOutput(0));
  commitFile(attempt, workspace.mapOutput(0), attempt.length);
  expect(existsSync(attempt)).toBe(false);
  expect(readFileSync(workspace.mapOutput(0), 'utf8')).toBe(attempt);
});

test.for([
  ['no file', () => {}, 'none'],
  ['a file of another size', (attempt: string) => writeFileSync(attempt, 'four'), '4 bytes'],
  ['a folder', (attempt: string) => mkdirSync(attempt), 'something else'],
  ['a link', (attempt: string) => symlinkSync('run.json', attempt), 'something else'],
] as const)('%s cannot be committed, and what is there stays', ([, leave, found]) => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, run);
  write(workspace.mapOutput(0));
  const attempt = workspace.attempt('run-1', 'map-0.2');
  leave(attempt);
  expect(() => commitFile(attempt, workspace.mapOutput(0), 5)).toThrow(
    `${attempt}: expected a file of 5 bytes, found ${found}`,
  );
  expect(readFileSync(workspace.mapOutput(0), 'utf8')).toBe(workspace.mapOutput(0));
});

test('what a new run would remove is run state, and nothing else is', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  beginRun(workspace, run);
  const theirs = [join(folder, 'out', 'out-0'), join(workspace.out, 'notes.txt'), join(workspace.dir, 'out-0')];
  const ours = [...runFiles(workspace), join(workspace.out, 'out-0'), join(workspace.out, 'skipped.ndjson')];
  write(...ours, ...theirs);
  for (const path of ours) expect(isRunState(workspace, path), path).toBe(true);
  for (const path of theirs) expect(isRunState(workspace, path), path).toBe(false);
});

test('run state is known behind links', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  beginRun(workspace, run);
  write(join(workspace.out, 'out-0'));
  symlinkSync(workspace.dir, join(folder, 'link'));
  const throughLink = workspaceAt(join(folder, 'link'));
  expect(isRunState(throughLink, realpathSync(join(throughLink.out, 'out-0')))).toBe(true);
});

test('a path says which file of a task it is, where it is one that can be made again', () => {
  const workspace = workspaceAt(temporaryFolder());
  expect(taskFile(workspace, workspace.chunk(12))).toEqual({ file: 'chunk', task: 12 });
  expect(taskFile(workspace, workspace.mapOutput(0))).toEqual({ file: 'map-output', task: 0 });
  const others = [
    join(workspace.out, 'out-0'),
    workspace.attempt('run-1', 'map-3.1'),
    `${workspace.attempt('run-1', 'map-3.1')}.spill-7`,
    join(workspace.out, 'mr-0'),
    join(workspace.intermediate, 'mr-00'),
    join(workspace.chunks, 'chunk_.msgpack'),
    workspace.dir,
    '',
  ];
  for (const path of others) expect(taskFile(workspace, path)).toBeUndefined();
});
