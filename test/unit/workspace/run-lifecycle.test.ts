import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from 'vitest';

import { type Workspace, workspaceAt } from '../../../src/workspace/paths.ts';
import { beginRun, clearParts, clearRun, continueRun, endRun } from '../../../src/workspace/run-lifecycle.ts';
import { readManifest, type RunManifest } from '../../../src/workspace/run-manifest.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const run: RunManifest = { id: 'run-1', job: '/jobs/word-count.ts', mapCount: 3, reduceCount: 2 };

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
    workspace.placeMark('run-1', 'map-3.1'),
  ];
}

test('clearing removes everything that runs left, with the folders', () => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, run);
  write(...runFiles(workspace));
  clearRun(workspace);
  expect(readdirSync(workspace.dir)).toEqual([]);
});

test("clearing leaves the user's files, also if their names come close to ours", () => {
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

test('clearing leaves folders, also if their names are ours', () => {
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

test('the parts of state files that a dead driver left are removed; those of a live process and foreign files stay', () => {
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

test('a half-written chunk is removed when the run is resumed, and when it is cleared', () => {
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

test('clearing a directory in which nothing ever ran does nothing', () => {
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

test('a run begins with empty folders, and the manifest names it', () => {
  const workspace = workspaceAt(join(temporaryFolder(), 'new', 'files'));
  beginRun(workspace, run);
  write(...runFiles(workspace));
  beginRun(workspace, { ...run, id: 'run-2' });
  expect(filesBelow(workspace.dir)).toEqual(['run.json']);
  expect(readdirSync(workspace.dir).sort()).toEqual(['attempts', 'chunks', 'intermediate', 'run.json']);
  expect(readManifest(workspace.run)).toEqual({ ...run, id: 'run-2' });
});

test('the end of a run removes the files of uncommitted attempts, and nothing else', () => {
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
