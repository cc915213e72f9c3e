import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { commitFile } from '../../../../src/driver/loop/commit-file.ts';
import { workspaceAt } from '../../../../src/workspace/paths.ts';
import { beginRun } from '../../../../src/workspace/run-lifecycle.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

test("a commit makes the attempt's file the task's file, in place of the one before", () => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, { id: 'run-1', job: '/job.ts', mapCount: 3, reduceCount: 2 });
  const attempt = workspace.attempt('run-1', 'map-0.2');
  for (const path of [attempt, workspace.mapOutput(0)]) writeFileSync(path, path);
  commitFile(attempt, workspace.mapOutput(0), attempt.length);
  expect(existsSync(attempt)).toBe(false);
  expect(readFileSync(workspace.mapOutput(0), 'utf8')).toBe(attempt);
});

test.for([
  ['no file', () => {}, 'none'],
  ['a file of another size', (attempt: string) => writeFileSync(attempt, 'four'), '4 bytes'],
  ['a folder', (attempt: string) => mkdirSync(attempt), 'something else'],
  ['a link', (attempt: string) => symlinkSync('run.json', attempt), 'something else'],
] as const)('%s cannot be committed, and the file of the task stays as it is', ([, leave, found]) => {
  const workspace = workspaceAt(temporaryFolder());
  beginRun(workspace, { id: 'run-1', job: '/job.ts', mapCount: 3, reduceCount: 2 });
  writeFileSync(workspace.mapOutput(0), workspace.mapOutput(0));
  const attempt = workspace.attempt('run-1', 'map-0.2');
  leave(attempt);
  expect(() => commitFile(attempt, workspace.mapOutput(0), 5)).toThrow(
    `${attempt}: expected a file of 5 bytes, found ${found}`,
  );
  expect(readFileSync(workspace.mapOutput(0), 'utf8')).toBe(workspace.mapOutput(0));
});
