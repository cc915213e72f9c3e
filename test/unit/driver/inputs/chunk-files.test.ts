import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ChunkFiles } from '../../../../src/driver/inputs/chunk-files.ts';
import { type ChunkMode, planChunks } from '../../../../src/driver/inputs/chunker.ts';
import type { InputFile } from '../../../../src/driver/inputs/inputs.ts';
import { SystemError } from '../../../../src/errors.ts';
import { writeChunkFile } from '../../../../src/formats/chunk/chunk-file.ts';
import { lines } from '../../../../src/formats/lines.ts';
import { type Workspace, workspaceAt } from '../../../../src/workspace/paths.ts';
import { DAMAGES } from '../../../fixtures/damages.ts';
import { inputFile } from '../../../fixtures/input-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const TEXT = 'one\ntwo\nthree\nfour\n';
const FULL = 'that is a folder with something in it';

interface Setting {
  readonly workspace: Workspace;
  readonly input: InputFile;
}

function newSetting(): Setting {
  const workspace = workspaceAt(temporaryFolder());
  mkdirSync(workspace.chunks);
  return { workspace, input: inputFile(workspace.dir, 'input.txt', TEXT) };
}

interface Others {
  readonly runId?: string;
  readonly mode?: ChunkMode;
  readonly count?: number;
}

function chunksOf(
  { workspace, input }: Setting,
  { runId = 'run-1', mode = 'copy', count = 2 }: Others = {},
): ChunkFiles {
  return new ChunkFiles(workspace, planChunks([input], lines(), count), mode, runId);
}

function contents(workspace: Workspace): Buffer[] {
  return [0, 1].map((task) => readFileSync(workspace.chunk(task)));
}

test.for(DAMAGES.filter(([how]) => how !== FULL))('a chunk %s is written again', ([, damage]) => {
  const setting = newSetting();
  const { workspace } = setting;
  const chunks = chunksOf(setting);
  chunks.writeAll();
  const before = contents(workspace);
  damage(workspace.chunk(1));
  chunks.repair();
  expect(contents(workspace)).toEqual(before);
});

test('intact chunks stay as they are, whether they contain their bytes or not', () => {
  const setting = newSetting();
  const { workspace } = setting;
  const copied = chunksOf(setting);
  copied.writeAll();
  const before = statSync(workspace.chunk(0));
  copied.repair();
  chunksOf(setting, { mode: 'reference' }).repair();
  expect(statSync(workspace.chunk(0)).ino).toBe(before.ino);
});

test.for([
  ['another run', { runId: 'run-2' }],
  ['another plan', { count: 3 }],
] as const)('intact chunks of %s are written again', ([, other]) => {
  const setting = newSetting();
  const { workspace } = setting;
  const chunks = chunksOf(setting);
  chunks.writeAll();
  const before = contents(workspace);
  chunksOf(setting, other).writeAll();
  expect(contents(workspace)).not.toEqual(before);
  chunks.repair();
  expect(contents(workspace)).toEqual(before);
});

test('the intact chunk of another task, and one with fewer bytes than its slice, are written again', () => {
  const setting = newSetting();
  const { workspace, input } = setting;
  const chunks = chunksOf(setting);
  chunks.writeAll();
  const before = contents(workspace);
  copyFileSync(workspace.chunk(1), workspace.chunk(0));
  const [slice] = planChunks([input], lines(), 2)[1]!;
  writeChunkFile(workspace.chunk(1), 'run-1', 1, [{ ...slice!, bytes: Buffer.from('too long') }]);
  chunks.repair();
  expect(contents(workspace)).toEqual(before);
});

test('the empty chunk of another task is written again', () => {
  const setting = newSetting();
  const { workspace } = setting;
  const chunks = chunksOf(setting, { count: 10 });
  chunks.writeAll();
  const before = readFileSync(workspace.chunk(8));
  copyFileSync(workspace.chunk(9), workspace.chunk(8));
  chunks.repair();
  expect(readFileSync(workspace.chunk(8))).toEqual(before);
});

test('a folder that is not empty, in the place of a chunk, is an error that names it', () => {
  const setting = newSetting();
  const { workspace } = setting;
  const chunks = chunksOf(setting);
  mkdirSync(join(workspace.chunk(1), 'theirs'), { recursive: true });
  expect(() => chunks.repair()).toThrow(SystemError);
  expect(() => chunks.repair()).toThrow(`${workspace.chunk(1)}: expected a file or nothing, found a folder`);
});
