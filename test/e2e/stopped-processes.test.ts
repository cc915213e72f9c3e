// Tests processes that are stopped for a while, as when a laptop sleeps: their absence does not count against any process.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'vitest';

import { STEADY } from '../fixtures/paths.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { until } from '../fixtures/until.ts';

const LIMITS = ['--task-timeout', '2', '--skip-bad-records', '5', '--max-attempts', '1', '--max-respawns', '0'];

/** Starts a driver with one map attempt, which keeps working until `end` is called. */
async function atWork(
  scratch: Scratch,
  silence: string,
): Promise<{ driver: RunningCommand; worker: number; end: () => Promise<void> }> {
  scratch.write('text.txt', 'one\n');
  const gate = join(scratch.dir, 'gate');
  const job = ['-N', '1', '-M', '1', '-W', '1', '--job', STEADY, '--param', `gate=${gate}`];
  const driver = scratch.drive([...LIMITS, '--task-silence', silence, ...job, 'text.txt']);
  await driver.line(/one begins/);
  const [worker] = driver.workerPids();
  const end = async (): Promise<void> => {
    await untilHeard(scratch, driver);
    scratch.write('gate', '');
    const { exitCode, stderr, stdout } = await driver.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toMatch(/cancelled|lost|backup|skipped/);
    expect(stdout).toMatch(/^done in /);
    expect(scratch.output()).toBe('one\t1\n');
  };
  return { driver, worker: worker!, end };
}

/** Waits for the next progress report: then everything from the time before has been processed. */
async function untilHeard(scratch: Scratch, driver: RunningCommand): Promise<void> {
  const count = (): number => journalOf(scratch).split('"attempt-progressed"').length;
  const before = count();
  await until('progress is reported again', () => driver.ended || count() >= before + 2);
}

function journalOf(scratch: Scratch): string {
  const path = scratch.files('files/history').find((name) => name.endsWith('journal.ndjson'));
  return readFileSync(join(scratch.dir, path!), 'utf8');
}

async function stop(pids: readonly number[], forMs: number): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await delay(forMs);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

test('a driver that was stopped for longer than any limit cancels no attempt, loses no worker, and skips no record', async ({
  scratch,
}) => {
  const { driver, worker, end } = await atWork(scratch, '2');
  await stop([driver.pid], 4000);
  await untilHeard(scratch, driver);
  // The same happens when the machine sleeps.
  await stop([driver.pid, worker], 4000);
  await end();
  const absences = Array.from(journalOf(scratch).matchAll(/"driver-absent","ms":(\d+)/g), ([, ms]) => Number(ms));
  expect(absences.filter((ms) => ms > 3000)).toHaveLength(2);
});

test('a worker that was stopped for less than --task-silence counts as silent, not as stuck', async ({ scratch }) => {
  const { worker, end } = await atWork(scratch, '20');
  await stop([worker], 4000);
  await end();
});
