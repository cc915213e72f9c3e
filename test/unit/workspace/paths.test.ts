import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from 'vitest';

import { isRunState, taskFile, workspaceAt } from '../../../src/workspace/paths.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path);
  }
}

test('every path is absolute and below the state directory', () => {
  const workspace = workspaceAt('some/../files');
  expect(workspace.dir).toBe(join(process.cwd(), 'files'));
  expect(relative(workspace.dir, workspace.chunk(3))).toBe('chunks/chunk_3.msgpack');
  expect(relative(workspace.dir, workspace.mapOutput(3))).toBe('intermediate/mr-3');
  expect(relative(workspace.dir, workspace.attempt('run-1', 'map-3.1'))).toBe('attempts/run-1.map-3.1');
});

test('what a new run would remove is run state, and nothing else is', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  const theirs = [join(folder, 'out', 'out-0'), join(workspace.out, 'notes.txt'), join(workspace.dir, 'out-0')];
  const ours = [
    workspace.chunk(12),
    workspace.mapOutput(12),
    workspace.attempt('run-1', 'reduce-0.12'),
    `${workspace.attempt('run-1', 'map-3.1')}.spill-7`,
    workspace.placeMark('run-1', 'map-3.1'),
    join(workspace.out, 'out-0'),
    join(workspace.out, 'skipped.ndjson'),
  ];
  write(...ours, ...theirs);
  for (const path of ours) expect(isRunState(workspace, path), path).toBe(true);
  for (const path of theirs) expect(isRunState(workspace, path), path).toBe(false);
});

test('run state is recognised through links', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  write(join(workspace.out, 'out-0'));
  symlinkSync(workspace.dir, join(folder, 'link'));
  const throughLink = workspaceAt(join(folder, 'link'));
  expect(isRunState(throughLink, realpathSync(join(throughLink.out, 'out-0')))).toBe(true);
});

test('a path shows which file of a task it is, if that file can be made again', () => {
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
