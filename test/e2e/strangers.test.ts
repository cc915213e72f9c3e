// Tests a stranger without the token on the port of a worker or a driver: it learns nothing, controls nothing, and does not stop the
// run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import { PROTOCOL } from '../../src/protocol.ts';
import { HOLDING } from '../fixtures/paths.ts';
import { freePorts } from '../fixtures/ports.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { signedConnection } from '../fixtures/signed.ts';
import { expectOnlyChallenged, replay, Stranger } from '../fixtures/stranger.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';
import { until } from '../fixtures/until.ts';

const EXPECTED = countWords(Object.values(LIBRARY));
/** The flags that all runs share. */
const TOKEN = 'a-token-of-these-tests';
const ENV = { env: { MAPREDUCE_TOKEN: TOKEN } };

/** Returns a driver's arguments for a run that is held in these attempts until `release` is called. */
function held(scratch: Scratch, attempts: string, more: readonly string[] = []): string[] {
  const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
  const job = ['--no-backup', '--job', HOLDING, '--param', `hold=${attempts}`, ...gate];
  return ['-N', '3', '-M', '2', '--port', String(scratch.port + 7), ...job, ...more, ...library(scratch)];
}

/** Returns the port of a worker from the output of the driver. */
function portOf({ said }: RunningCommand, pid: number): number {
  const ready = new RegExp(`^worker \\d ready at http://127\\.0\\.0\\.1:(\\d+), process ${pid}$`);
  return Number(said.flatMap((line) => ready.exec(line)?.[1] ?? [])[0]);
}

async function endsWell(scratch: Scratch, driver: RunningCommand): Promise<string> {
  const { exitCode, stderr } = await driver.finished;
  expect(exitCode, stderr).toBe(0);
  expect(scratch.output()).toBe(EXPECTED);
  return stderr;
}

/** Expects that requests which a stranger received are useless to it, both for their intended receiver and for any other. */
async function expectUseless(stranger: Stranger, ports: readonly number[]): Promise<void> {
  expectOnlyChallenged(stranger, TOKEN);
  for (const port of ports) {
    for (const heard of stranger.heard) expect(await replay(port, heard)).not.toMatch(/"(pid|runId|type)":/);
  }
}

test('a relay between a driver and a worker is left alone, and the worker is not used through it', async ({
  scratch,
}) => {
  const elsewhere = await freePorts(1);
  const real = scratch.start(['worker', '--dir', 'elsewhere', '--worker-port', String(elsewhere)], ENV);
  await real.line(/ready/);
  const relay = await Stranger.on({ port: scratch.port, passesTo: elsewhere });

  const driver = scratch.drive(held(scratch, '', ['-W', '2']), ENV);
  const stderr = await endsWell(scratch, driver);

  expect(stderr).toContain(`port ${scratch.port} is held by something else`);
  expect(relay.answered.join(), 'the real worker has proved itself, which helps no stranger').toContain(
    'x-mapreduce-proof',
  );
  await expectUseless(relay, [elsewhere]);
});

test('a stranger on the port of a waiting worker that died while idle does not stop the run', async ({ scratch }) => {
  const workers = await scratch.workers(2, ENV);
  const driver = scratch.drive(held(scratch, 'map-0.1'), ENV);
  const [, busy] = await workers.line(/map-0\.1 waits in process (\d+)/);
  for (const task of [1, 2]) {
    await until('the other tasks are done', () => existsSync(join(scratch.state, `intermediate/mr-${task}`)));
  }
  const idle = driver.workerPids().find((pid) => pid !== Number(busy))!;
  process.kill(idle, 'SIGKILL');
  // The real worker on the other port, to which the stranger relays, waits in its attempt.
  const real = portOf(driver, Number(busy));
  const stranger = await Stranger.on({ port: portOf(driver, idle), passesTo: real });
  scratch.write('gate/map-0.1', '');

  const stderr = await endsWell(scratch, driver);
  expect(stderr).toMatch(
    /^worker \d lost: expected our worker at .*, found a process that does not prove that it has the token/m,
  );
  await expectUseless(stranger, [real]);
});

test('a stranger on the port of a waiting worker that was silent and then died does not stop the run', async ({
  scratch,
}) => {
  const workers = await scratch.workers(2, ENV);
  const driver = scratch.drive(held(scratch, 'map-0.1,map-1.1', ['--task-silence', '2']), ENV);
  const [, pid] = await workers.line(/map-0\.1 waits in process (\d+)/);
  process.kill(Number(pid), 'SIGSTOP');
  await driver.line(/lost: silent for 2 s; it had map-0\.1/);
  process.kill(Number(pid), 'SIGKILL');
  const other = portOf(
    driver,
    driver.workerPids().find((one) => one !== Number(pid))!,
  );
  const stranger = await Stranger.on({ port: portOf(driver, Number(pid)), passesTo: other });
  // The driver checks whether the silent worker is back.
  await until('the stranger receives a request', () => stranger.answered.join() !== '');
  scratch.write('gate/map-1.1', '');

  await endsWell(scratch, driver);
  await expectUseless(stranger, [other]);
});

test('a stranger on the port of a worker that died while joining does not stop the run', async ({ scratch }) => {
  const driver = scratch.drive(held(scratch, 'map-0.1', ['-W', '1']), ENV);
  await driver.line(/map-0\.1 waits/);
  const [, url = ''] = await driver.line(/^the driver listens at (\S+);/);
  const elsewhere = await freePorts(1);
  const real = scratch.start(['worker', '--dir', 'elsewhere', '--worker-port', String(elsewhere)], ENV);
  await real.line(/ready/);
  const stranger = await Stranger.on({ passesTo: elsewhere });
  const notice = { protocol: PROTOCOL, pid: 1, host: 'here', port: stranger.port, state: 'idle' };
  const joining = signedConnection(url, 'driver', TOKEN);
  const register = { method: 'PUT', path: '/workers/late-otter', body: JSON.stringify(notice) } as const;
  expect((await joining.request(register)).status).toBe(204);

  await driver.line(
    /^late-otter lost: expected our worker at .*, found a process that does not prove that it has the token/,
  );
  expect((await joining.request(register)).status, 'it registers again').toBe(204);
  await until('the stranger receives another request', () => stranger.heard.length > 1);
  await expectUseless(stranger, [elsewhere, Number(new URL(url).port)]);
  scratch.write('gate/map-0.1', '');
  await endsWell(scratch, driver);
});

test('a worker does not join its driver through a relay', async ({ scratch }) => {
  const driver = scratch.drive(held(scratch, 'map-0.1', ['-W', '1']), ENV);
  const [, url = ''] = await driver.line(/^the driver listens at (\S+);/);
  const port = Number(new URL(url).port);
  const relay = await Stranger.on({ passesTo: port });
  const joining = scratch.start(['worker', '--join', relay.url, '--worker-port', String(scratch.port + 4)], ENV);
  const { exitCode, stderr } = await joining.finished;
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/expected a running driver, found a driver with another token/);
  await expectUseless(relay, [port]);
  scratch.write('gate/map-0.1', '');
  expect(await endsWell(scratch, driver)).not.toContain('joined');
});

test('two drivers that share a token leave each other’s workers alone', async ({ scratch }) => {
  const options = held(scratch, 'map-0.1', ['-W', '2']);
  const first = scratch.drive(options, ENV);
  await first.line(/map-0\.1 waits/);
  const second = scratch.drive(['--dir', 'second', ...options, '--param', 'hold='], ENV);
  const { exitCode, stderr } = await second.finished;
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain('2 workers, spawned here');
  expect(scratch.output(join(scratch.dir, 'second'))).toBe(EXPECTED);
  scratch.write('gate/map-0.1', '');
  expect(await endsWell(scratch, first)).not.toContain('lost');
});

test('no process in which a job is loaded or runs has the token in its environment or its arguments', async ({
  scratch,
}) => {
  scratch.write(
    'job.ts',
    `import { existsSync, readFileSync } from 'node:fs';
import { defineJob, sum } from 'http-mapreduce';
const ENVIRON = '/proc/self/environ';
function look(where: string) {
  console.log(where, JSON.stringify([process.env, process.argv, existsSync(ENVIRON) && readFileSync(ENVIRON, 'utf8')]));
}
look('loading');
export default defineJob({
  name: 'nosy',
  map(_line: string, { emit }) {
    look('mapping');
    emit('a', 1);
  },
  reduce: sum,
});
`,
  );
  scratch.write('in.txt', 'a\n');
  const { stderr } = await scratch.done(['--job', './job.ts', '-W', '1', 'in.txt'], ENV);
  for (const where of ['loading', 'mapping']) expect(stderr).toContain(where);
  expect(stderr).not.toContain(TOKEN);
});
