import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

import { expect, test } from 'vitest';

import { CheckedFiles } from '../../../../src/driver/resume/checked-files.ts';
import { Outputs } from '../../../../src/driver/loop/outputs.ts';
import { verifyFile } from '../../../../src/driver/resume/verify-file.ts';
import { beginResults, type Results, resultsOf } from '../../../../src/workspace/result-set.ts';
import type { CommittedFile, SkippedBadRecord } from '../../../../src/scheduler/events.ts';
import { workspaceAt } from '../../../../src/workspace/paths.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const TEXTS = ['one\t1\n', 'two\t2\n'];
const written = (): Promise<void> => Promise.resolve();

function fileOf(task: number, text = TEXTS[task]!): CommittedFile {
  return { task: `reduce-${task}`, bytes: text.length, checksum: crc32(text) };
}

const FILES = [fileOf(0), fileOf(1)];

function run(): { results: Results; outputs: Outputs; attempt: (text: string) => string } {
  const workspace = workspaceAt(join(temporaryFolder(), 'files'));
  const results = resultsOf(workspace, { id: '20260102T030405Z-abcdef', reduceCount: 2 });
  beginResults(results);
  const name = 'driver.reduce-0.1';
  const attempt = (text: string): string => (writeFileSync(join(results.attempts, name), text), name);
  return { results, outputs: new Outputs(results), attempt };
}

async function committedRun(): Promise<ReturnType<typeof run>> {
  const made = run();
  for (const [task, text] of TEXTS.entries()) await made.outputs.commit(made.attempt(text), task, fileOf(task));
  return made;
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[0]! ^= 1;
  writeFileSync(path, bytes);
}

test('an output is committed if its bytes are those that the attempt reported', async () => {
  const { outputs, attempt } = run();
  await outputs.commit(attempt(TEXTS[0]!), 0, FILES[0]!);
  expect(readFileSync(outputs.path(0), 'utf8')).toBe(TEXTS[0]);
  await expect(outputs.commit(attempt('two\t3\n'), 1, FILES[1]!)).rejects.toThrow(
    `${outputs.path(1)}: expected what was committed, found another checksum`,
  );
  await expect(outputs.commit(attempt('two\t22\n'), 1, FILES[1]!)).rejects.toThrow(
    'expected a file of 6 bytes, found 7 bytes',
  );
});

test('an output that is changed after its commit is detected, even if its times are set back', async () => {
  const { outputs } = await committedRun();
  expect(await outputs.lost(FILES)).toEqual([]);
  const { atimeMs, mtimeMs } = statSync(outputs.path(1));
  flipByte(outputs.path(1));
  utimesSync(outputs.path(1), atimeMs / 1000, mtimeMs / 1000);
  expect(await outputs.lost(FILES)).toEqual([['reduce-1', expect.stringContaining('another checksum')]]);
});

test('results are put in place once the journal says that they will be', async () => {
  const { outputs, results } = await committedRun();
  const before: boolean[] = [];
  await outputs.publish([], () => Promise.resolve(void before.push(existsSync(results.folder))));
  expect(before).toEqual([false]);
  expect(readdirSync(results.folder)).toEqual(['out-0', 'out-1']);
  expect(outputs.path(0)).toBe(join(results.folder, 'out-0'));
});

test('outputs that are touched at the last moment are not put in place', async () => {
  const { outputs, results } = await committedRun();
  await outputs.lost(FILES);
  const touched = async (): Promise<void> => flipByte(outputs.path(1));
  expect(await outputs.publish([], touched)).toEqual([['reduce-1', expect.stringContaining('another checksum')]]);
  expect(existsSync(results.folder)).toBe(false);
});

test('the list of skipped records belongs to the results', async () => {
  const { outputs, results } = await committedRun();
  const skipped: SkippedBadRecord = { task: 'map-0', file: 'a.txt', slice: 0, offset: 7, cause: 'boom' };
  await outputs.publish([skipped], written);
  const text = `${JSON.stringify({ file: 'a.txt', offset: 7, cause: 'boom', task: 'map-0' })}\n`;
  expect(readFileSync(join(results.folder, 'skipped.ndjson'), 'utf8')).toBe(text);
});

test('a driver that resumes with results in place verifies them there, and publishes again', async () => {
  const { outputs, results } = await committedRun();
  await outputs.publish([], written);
  const next = new Outputs(results, 'begun');
  next.goOn([]);
  expect(await next.lost(FILES)).toEqual([]);
  await next.publish([], written);
  expect(readFileSync(next.path(0), 'utf8')).toBe(TEXTS[0]);
});

test('if published results are damaged, all of them are made again beside the old ones', async () => {
  const { outputs, results, attempt } = await committedRun();
  await outputs.publish([], written);
  flipByte(outputs.path(1));
  const next = new Outputs(results, 'begun');
  expect((await next.lost(FILES)).map(([task]) => task)).toEqual(['reduce-0', 'reduce-1']);
  expect(dirname(next.path(0))).toBe(results.building);
  for (const [task, text] of TEXTS.entries()) await next.commit(attempt(text), task, fileOf(task));
  await next.publish([], written);
  expect(readFileSync(join(results.folder, 'out-1'), 'utf8')).toBe(TEXTS[1]);
});

test('a file is read again only if something may have touched it', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, TEXTS[0]!);
  // Older than one step of the clock of the file system.
  await delay(50);
  const checked = new CheckedFiles();
  expect(await checked.check(path, FILES[0]!)).toBeUndefined();
  // The expected checksum is not compared again: the file was found to be correct.
  expect(await checked.check(path, { bytes: 1, checksum: 1 })).toBeUndefined();
  writeFileSync(path, TEXTS[0]!);
  expect(await checked.check(path, { bytes: 1, checksum: 1 })).toContain('expected 1 bytes, found 6');
});

test('a file that was written a moment ago is read again: another change could leave its times as they are', async () => {
  const path = join(temporaryFolder(), 'file');
  const later = Date.now() / 1000 + 10;
  writeFileSync(path, TEXTS[0]!);
  utimesSync(path, later, later);
  const checked = new CheckedFiles();
  expect(await checked.check(path, FILES[0]!)).toBeUndefined();
  expect(await checked.check(path, { bytes: 6, checksum: 1 })).toContain('another checksum');
});

test.for([0, 1, 64 << 10, (64 << 10) + 1, (1 << 20) - 1, 1 << 20, (3 << 20) + 5])(
  'a file of %i bytes has the checksum of its bytes',
  async (size) => {
    const path = join(temporaryFolder(), 'file');
    const bytes = Buffer.alloc(size, 'some text ');
    writeFileSync(path, bytes);
    const expected = { bytes: size, checksum: crc32(bytes) };
    expect(await verifyFile(path, expected)).toBeUndefined();
    expect(await verifyFile(path, { ...expected, checksum: expected.checksum ^ 1 })).toContain('another checksum');
    expect(await verifyFile(path, { ...expected, bytes: size + 1 })).toContain(`found ${size}`);
  },
);

test('something that is not a readable file is reported as such', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(await verifyFile(join(folder, 'none'), FILES[0]!)).toContain('found none');
  expect(await verifyFile(join(folder, 'file/below'), FILES[0]!)).toContain('found none');
  expect(await verifyFile(folder, FILES[0]!)).toContain('found something else');
});
