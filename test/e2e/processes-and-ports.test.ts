// Tests that no process outlives the driver that spawned it, and that a port in use is named and skipped.

import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { holdPort } from '../fixtures/ports.ts';
import type { Finished, RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { until } from '../fixtures/until.ts';

/** Starts a driver of two workers, one of which is in the middle of a map that does not return. */
async function driverInMap(scratch: Scratch, leadsGroup = false): Promise<RunningCommand> {
  scratch.write('text.txt', 'one two\nthree\n');
  const args = [
    '--fresh',
    '-N',
    '2',
    '-M',
    '2',
    '-W',
    '2',
    '--no-backup',
    '--job',
    HOLDING,
    '--param',
    'hold=map-0.1',
    'text.txt',
  ];
  const driver = scratch.drive(args, { leadsGroup });
  await driver.line(/map-0\.1 waits/);
  await until('both workers are ready', () => driver.workerPids().length === 2);
  expect(scratch.processes()).toHaveLength(3);
  return driver;
}

function portsOf({ said }: Finished): number[] {
  return said.flatMap((line) => /ready at http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? []).map(Number);
}

describe('the end of a driver', () => {
  test('no worker outlives a driver that ends successfully, or with an error of the job', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    scratch.write('fails.ts', `export default { name: 'f', map() { throw new Error('no'); }, reduce() {} };`);

    expect((await scratch.run(['-N', '2', '-M', '2', '-W', '2', 'text.txt'])).exitCode).toBe(0);
    expect(scratch.processes()).toEqual([]);

    expect((await scratch.run(['-N', '2', '-M', '2', '-W', '2', '--job', 'fails.ts', 'text.txt'])).exitCode).toBe(3);
    expect(scratch.processes()).toEqual([]);
  });

  test('no worker outlives a driver that ends on Ctrl-C, SIGHUP or SIGTERM, alone or with its process group', async ({
    scratch,
  }) => {
    const ends: [string, boolean, (driver: RunningCommand) => void][] = [
      ['SIGINT', false, (driver) => driver.signal('SIGINT')],
      ['SIGINT', true, (driver) => driver.signalGroup('SIGINT')],
      ['SIGTERM', false, (driver) => driver.signal('SIGTERM')],
      ['SIGHUP', false, (driver) => driver.signal('SIGHUP')],
      ['SIGHUP', true, (driver) => driver.signalGroup('SIGHUP')],
    ];
    for (const [signal, leadsGroup, end] of ends) {
      const driver = await driverInMap(scratch, leadsGroup);
      end(driver);
      const { exitCode, stderr } = await driver.finished;

      expect(scratch.processes()).toEqual([]);
      expect(exitCode).toBe(130);
      expect(stderr).toContain(`mapreduce: interrupted by ${signal}; the output is not complete: `);
    }
  });

  test('no worker outlives a driver that is killed with SIGKILL during a map or while workers start', async ({
    scratch,
  }) => {
    const driver = await driverInMap(scratch);
    driver.signal('SIGKILL');
    expect((await driver.finished).signal).toBe('SIGKILL');
    await until('the workers have ended', () => scratch.processes().length === 0);

    const starting = scratch.drive(['--fresh', '-N', '2', '-M', '2', '-W', '2', 'text.txt']);
    await starting.line(/2 workers, spawned here/);
    starting.signal('SIGKILL');
    await starting.finished;
    await until('the workers have ended', () => scratch.processes().length === 0);

    // Files of the dead processes do not disturb the next run.
    await scratch.done(['--fresh', '-N', '2', '-M', '2', '-W', '2', 'text.txt']);
    expect(scratch.output()).toBe('one\t1\nthree\t1\ntwo\t1\n');
  });

  test('no worker outlives a workers command that is killed with SIGKILL, and a driver then spawns its own', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one two\nthree\n');
    const workers = await scratch.workers(2);
    workers.signal('SIGKILL');
    await workers.finished;
    await until('the workers have ended', () => scratch.processes().length === 0);

    const { stderr } = await scratch.done(['-N', '2', '-M', '2', 'text.txt']);
    expect(stderr).toContain(', spawned here');
    expect(stderr).not.toContain('lost');
  });
});

describe('a port in use', () => {
  test('a port in use is named, and the next free one is taken', async ({ scratch }) => {
    scratch.write('text.txt', 'one two\nthree\n');
    // One server that answers every request, and one that never answers.
    await using web = createServer((_request, response) => response.end('hello')).listen(scratch.port, '127.0.0.1');
    await once(web, 'listening');
    const silent = await holdPort(scratch.port + 1);
    const held = [
      '--no-backup',
      '--job',
      HOLDING,
      '--param',
      'hold=map-0.1',
      '--param',
      `gate=${join(scratch.dir, 'gate')}`,
    ];
    const driver = scratch.drive(['-N', '2', '-M', '2', '-W', '2', ...held, 'text.txt']);
    for (const worker of [1, 2]) {
      await driver.line(
        new RegExp(`^port ${scratch.port + worker - 1} is held by something else; worker ${worker} takes \\d+$`),
      );
      await driver.line(new RegExp(`^worker ${worker} ready at `));
    }
    scratch.write('gate/map-0.1', '');
    const result = await driver.finished;
    await silent[Symbol.asyncDispose]();

    expect(result.exitCode, result.stderr).toBe(0);
    expect(scratch.output()).toBe('one\t1\nthree\t1\ntwo\t1\n');
    expect(portsOf(result).sort((a, b) => a - b)).toEqual([scratch.port + 2, scratch.port + 3]);

    const workers = await scratch.workers(2);
    expect(workers.said.join('\n')).toContain(`port ${scratch.port} is held by something else`);
    expect(workers.said.at(-1)).toContain(`ports ${scratch.port + 1} to ${scratch.port + 2}`);
    // Workers on other ports are found there.
    const { stderr } = await scratch.done(['-N', '2', '-M', '2', 'text.txt']);
    expect(stderr).toContain('2 workers, 2 of them listening already');
  });
});
