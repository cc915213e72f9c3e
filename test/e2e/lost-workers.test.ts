// Tests that a worker which is missing or dies is replaced, and that a run which reaches a limit reports why it failed.

import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { DYING, HOLDING, NO_WORKER_STARTS } from '../fixtures/paths.ts';
import { isAlive } from '../fixtures/processes.ts';
import type { Finished, RunningCommand } from '../fixtures/running-command.ts';
import { test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Kills or stops the worker that waits in an attempt, according to the output of `where`. Returns its process id. */
async function killWorkerOf(
  attempt: string,
  where: RunningCommand,
  signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL',
): Promise<number> {
  const [, pid] = await where.line(new RegExp(`${RegExp.escape(attempt)} waits in process (\\d+)$`));
  process.kill(Number(pid), signal);
  return Number(pid);
}

/** Returns the number of lines that match. */
function count({ said }: Finished, pattern: RegExp): number {
  return said.filter((line) => pattern.test(line)).length;
}

describe('a worker that is lost', () => {
  test('a worker that is lost in a map or a reduce is replaced by one new process, and its task is tried again', async ({
    scratch,
  }) => {
    const texts = library(scratch);
    const args = [
      '-N',
      '4',
      '-M',
      '2',
      '-W',
      '2',
      '--no-backup',
      '--job',
      HOLDING,
      '--param',
      'hold=map-1.1,reduce-0.1',
      ...texts,
    ];
    const driver = scratch.drive(args);

    const killed = [await killWorkerOf('map-1.1', driver), await killWorkerOf('reduce-0.1', driver)];
    const result = await driver.finished;

    expect(result.exitCode, result.stderr).toBe(0);
    expect(scratch.output()).toBe(EXPECTED);
    expect(result.stderr).toMatch(/^worker \d lost: its process ended with SIGKILL; it had map-1\.1, .*tried again$/m);
    expect(result.stderr).toMatch(
      /^worker \d lost: its process ended with SIGKILL; it had reduce-0\.1, .*tried again$/m,
    );
    expect(count(result, /^worker \d replaced: a new process is started, restart [12] of 5$/)).toBe(2);
    // Two at first, and one for each that was killed (if it was ready before the end): no port gets two new processes.
    const pids = driver.workerPids();
    expect(new Set(pids).size).toBe(pids.length);
    expect(pids.length).toBeLessThanOrEqual(4);
    expect(pids).toEqual(expect.arrayContaining(killed));
    const ports = result.said
      .flatMap((line) => /ready at http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? [])
      .map(Number);
    expect(new Set(ports)).toEqual(new Set([scratch.port, scratch.port + 1]));
    expect(result.stdout).toContain('2 workers lost');
    expect(scratch.processes()).toEqual([]);
  });

  test('a worker that is stopped, and therefore silent, is given up, killed and replaced', async ({ scratch }) => {
    const texts = library(scratch);
    const args = ['-N', '3', '-M', '1', '-W', '1', '--task-silence', '2'];
    const driver = scratch.drive([...args, '--no-backup', '--job', HOLDING, '--param', 'hold=map-1.1', ...texts]);

    const stopped = await killWorkerOf('map-1.1', driver, 'SIGSTOP');
    const result = await driver.finished;

    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stderr).toMatch(/^worker 1 lost: silent for 2 s; it had map-1\.1, .*tried again$/m);
    expect(scratch.output()).toBe(EXPECTED);
    expect(isAlive(stopped)).toBe(false);
  });

  test('a waiting worker that is lost is replaced in the run, and the others continue', async ({ scratch }) => {
    const texts = library(scratch);
    const workers = await scratch.workers(2);
    const args = [
      '-N',
      '4',
      '-M',
      '2',
      '--no-backup',
      '--job',
      HOLDING,
      '--param',
      'hold=map-1.1,reduce-0.1',
      ...texts,
    ];
    const driver = scratch.drive(args);

    // The output of a worker goes to the command that started it.
    await killWorkerOf('map-1.1', workers);
    const held = Promise.race([workers, driver].map((where) => where.line(/reduce-0\.1 waits in process (\d+)$/)));
    process.kill(Number((await held)[1]), 'SIGKILL');
    const result = await driver.finished;

    expect(result.exitCode, result.stderr).toBe(0);
    expect(scratch.output()).toBe(EXPECTED);
    expect(result.stderr).toMatch(/^worker \d lost: .+; it had map-1\.1, which will be tried again$/m);
    expect(result.stderr).toMatch(/^worker \d lost: .+; it had reduce-0\.1, which will be tried again$/m);
    expect(count(result, /^worker \d replaced: /)).toBe(2);
    await workers.line(/^worker \d lost: its process ended with SIGKILL/);
  });

  test('a waiting worker that is lost before the run is named and replaced, in this run and the next one', async ({
    scratch,
  }) => {
    const texts = library(scratch);
    const workers = scratch.start(['workers', '-N', '3', '-M', '3', '--worker-port', String(scratch.port)]);
    await workers.line(/3 workers ready/);
    const pids = scratch.processes().filter((pid) => pid !== workers.pid);
    expect(pids).toHaveLength(3);
    process.kill(pids[1]!, 'SIGKILL');
    await workers.line(/^worker \d lost: its process ended with SIGKILL/);

    for (const gate of ['first', 'second']) {
      const held = [
        '--no-backup',
        '--job',
        HOLDING,
        '--param',
        'hold=map-0.1',
        '--param',
        `gate=${join(scratch.dir, gate)}`,
      ];
      const driver = scratch.drive(['-N', '4', '-M', '3', ...held, ...texts]);
      await driver.line(/^worker 3 lost: nothing listens where the workers command had started it$/);
      await driver.line(/^worker 3 replaced: a new process is started, restart 1 of 5$/);
      await driver.line(/^worker 3 ready at /);
      scratch.write(`${gate}/map-0.1`, '');
      const result = await driver.finished;

      expect(result.exitCode, result.stderr).toBe(0);
      expect(result.stderr).toContain('3 workers, 2 of them listening already');
      expect(scratch.output()).toBe(EXPECTED);
      // The replacement has ended with the run. The two others have not.
      expect(scratch.processes()).toHaveLength(3);
    }
  });
});

describe('a run that reaches a limit', () => {
  test.for(['map', 'reduce'])(
    'a run fails when one %s task has lost 6 workers, with the last output of the last worker',
    async (phase, { scratch }) => {
      scratch.write('text.txt', 'one\n');
      const args = ['-N', '1', '-M', '1', '-W', '2', '--job', DYING, '--param', `phase=${phase}`, 'text.txt'];

      const result = await scratch.run(args);

      expect(result.exitCode).toBe(4);
      expect(count(result, new RegExp(`attempt ${phase}-0\\.\\d begins`)), 'attempts').toBe(6 + 1);
      const message = result.stderr.slice(result.stderr.lastIndexOf('\nmapreduce: ') + 1);
      expect(message).toMatch(
        new RegExp(`^mapreduce: ${phase}-0 failed: it has lost 6 workers \\(--max-respawns\\); worker [12] `),
      );
      expect(message).toContain('its process ended with SIGKILL');
      expect(message).toContain(`\n  last words of ${phase}-0.6\n`);
      expect(result.stdout).toBe('');
      expect(scratch.processes()).toEqual([]);
    },
  );

  test('a run fails after --max-attempts failed attempts of a task, not counting lost attempts', async ({
    scratch,
  }) => {
    const texts = library(scratch);
    const held = ['-N', '2', '-M', '1', '-W', '1', '--max-attempts', '1', '--no-backup', '--job', HOLDING];
    const driver = scratch.drive([...held, '--param', 'hold=map-1.1,map-1.2', ...texts]);
    await killWorkerOf('map-1.1', driver);
    await killWorkerOf('map-1.2', driver);
    const result = await driver.finished;
    expect(result.exitCode, result.stderr).toBe(0);
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a run fails after --max-respawns restarts of a worker', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    const args = ['-N', '1', '-M', '1', '-W', '1', '--job', DYING, 'text.txt'];

    const restarts = await scratch.run(['--max-respawns', '1', ...args]);
    expect(restarts.exitCode).toBe(4);
    expect(count(restarts, /^worker 1 ready at /)).toBe(2);
    expect(restarts.stderr).toMatch(/^mapreduce: map-0 failed: it has lost 2 workers .* worker 1 .*SIGKILL/m);

    const none = await scratch.run(['--max-respawns', '0', ...args]);
    expect(none.exitCode).toBe(4);
    expect(count(none, /^worker 1 ready at /)).toBe(1);
  });

  test('a run fails after 5 restarts of a worker that does not start, with its stderr', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    const env = { NODE_OPTIONS: `--import=${NO_WORKER_STARTS}` };

    const result = await scratch.run(['-N', '1', '-M', '1', '-W', '1', 'text.txt'], { env });

    expect(result.exitCode).toBe(4);
    expect(count(result, /^\[worker 1\] this machine does not start workers$/)).toBe(6);
    expect(count(result, /^worker 1 replaced: /)).toBe(5);
    expect(result.stderr).toMatch(
      /^mapreduce: .*worker 1 .*exit code 7.*\n {2}this machine does not start workers\n$/m,
    );

    const workers = await scratch.start(['workers', '-W', '1', '--worker-port', String(scratch.port)], { env })
      .finished;
    expect(workers.exitCode).toBe(4);
    expect(workers.stderr).toContain('exit code 7\n  this machine does not start workers');
  });
});
