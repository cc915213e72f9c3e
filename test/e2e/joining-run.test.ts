// Tests workers that join a run without being started by its driver: they get tasks at once, and may leave or be lost without harm.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Starts a driver with one worker, which is held in its first map task. */
async function heldDriver(
  scratch: Scratch,
  more: readonly string[] = [],
): Promise<{ driver: RunningCommand; url: string }> {
  const texts = library(scratch);
  const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
  const job = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-0.1,map-1.1', ...gate];
  const ports = ['--port', String(scratch.port + 7)];
  const driver = scratch.drive(['-N', '6', '-M', '3', '-W', '1', ...ports, ...job, ...more, ...texts]);
  await driver.line(/map-0\.1 waits/);
  const [, url = ''] = await driver.line(
    /^the driver listens at (\S+); more workers join with: mapreduce worker --join /,
  );
  return { driver, url };
}

function joining(scratch: Scratch, url: string, name: string, more: readonly string[] = []): RunningCommand {
  return scratch.start(['worker', '--join', url, '--name', name, '--worker-port', String(scratch.port + 4), ...more]);
}

async function endsWell(scratch: Scratch, driver: RunningCommand): Promise<string> {
  for (const attempt of ['map-0.1', 'map-1.1']) scratch.write(`gate/${attempt}`, '');
  const { exitCode, stderr } = await driver.finished;
  expect(exitCode, stderr).toBe(0);
  expect(scratch.output()).toBe(EXPECTED);
  return stderr;
}

/** Returns the tasks that were started on a worker, according to the journal. */
function startedOn(scratch: Scratch, worker: number): string[] {
  const [path] = scratch.files('files/history');
  const lines = readFileSync(join(scratch.dir, path!), 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { do?: string; worker?: number; attempt?: string })
    .flatMap((line) => (line.do === 'start-attempt' && line.worker === worker ? [line.attempt!] : []));
}

test('a worker that joins gets tasks at once, and on SIGTERM leaves after its task', async ({ scratch }) => {
  const { driver, url } = await heldDriver(scratch);
  const joined = joining(scratch, url, 'brave-otter');
  await driver.line(/^brave-otter joined as worker 2, from /);
  await joined.line(/map-1\.1 waits/);

  joined.signal('SIGTERM');
  await driver.line(/^brave-otter is leaving: it takes no more tasks$/);
  scratch.write('gate/map-1.1', '');
  expect((await joined.finished).exitCode).toBe(0);
  await driver.line(/^brave-otter lost: it has left$/);

  const stderr = await endsWell(scratch, driver);
  expect(stderr).not.toContain('tried again');
  expect(startedOn(scratch, 2)).toEqual(['map-1.1']);
});

test('a joined worker that is killed costs the run only the attempt, and is not restarted', async ({ scratch }) => {
  const { driver, url } = await heldDriver(scratch);
  const joined = joining(scratch, url, 'brave-otter');
  await joined.line(/map-1\.1 waits/);
  joined.signal('SIGKILL');
  await driver.line(/^brave-otter lost: connection failed: .*; it had map-1\.1, which will be tried again$/);
  const stderr = await endsWell(scratch, driver);
  expect(stderr).not.toContain('brave-otter replaced');
});

test('a worker with --fail-after exits after this many tasks, and another one with its name can take its place', async ({
  scratch,
}) => {
  const { driver, url } = await heldDriver(scratch);
  scratch.write('gate/map-1.1', '');
  const first = joining(scratch, url, 'brave-otter', ['--fail-after', '2']);
  expect((await first.finished).signal).toBe('SIGKILL');
  await driver.line(/^brave-otter lost: /);
  const second = joining(scratch, url, 'brave-otter');
  await second.line(/^joined /);
  await endsWell(scratch, driver);
  expect(startedOn(scratch, 2).length).toBeGreaterThan(2);
  // The run has ended, but the worker waits for the next driver at the same URL.
  await second.line(/^no driver at .* any more/);
});

test('a joined worker that is stopped and then continued keeps its identity', async ({ scratch }) => {
  const { driver, url } = await heldDriver(scratch, ['--task-silence', '2']);
  const joined = joining(scratch, url, 'brave-otter');
  const [, pid] = await joined.line(/map-1\.1 waits in process (\d+)/);
  process.kill(Number(pid), 'SIGSTOP');
  await driver.line(/^brave-otter lost: silent for 2 s; it had map-1\.1, which will be tried again$/);
  process.kill(Number(pid), 'SIGCONT');
  await driver.line(/^brave-otter ready at /, 2);
  const stderr = await endsWell(scratch, driver);
  expect(stderr).not.toContain('(back)');
  expect(startedOn(scratch, 2).length, stderr).toBeGreaterThan(1);
});
