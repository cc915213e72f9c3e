// Tests that any idle worker runs any task, and that a request repeated by mistake changes nothing.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { type Exchange, recordingProxy } from '../fixtures/recording-proxy.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { signedConnection } from '../fixtures/signed.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';
import { until } from '../fixtures/until.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

interface Answer {
  readonly status: number;
  /** The kind of failure in the last line of the answer. */
  readonly failure: string | undefined;
}

/** Sends the request of an exchange to a worker, as the driver did. */
async function repeat(scratch: Scratch, { url, requestBody }: Exchange, port: number): Promise<Answer> {
  const worker = signedConnection(`http://127.0.0.1:${port}`, 'worker', scratch.token());
  const { status, body } = await worker.request({ method: 'POST', path: url, body: requestBody });
  const { failure } = JSON.parse(body.trimEnd().split('\n').at(-1) ?? '') as { failure?: { kind: string } };
  return { status, failure: failure?.kind };
}

/** All files of the run with properties that a write or a rename changes, except those that change during a run in any case. */
function state(scratch: Scratch): string[] {
  const files = scratch.files('files').filter((file) => !/journal\.ndjson$|report\.html$|\.keys$/.test(file));
  return files.map((file) => {
    const { ino, mtimeNs, size } = statSync(join(scratch.dir, file), { bigint: true });
    return `${file} ${ino} ${mtimeNs} ${size}`;
  });
}

function attemptOf({ url, requestBody }: Exchange): string {
  const { task, attempt } = JSON.parse(requestBody) as { task: number; attempt: number };
  return `${url.slice(1)}-${task}.${attempt}`;
}

const REFUSED: Answer = { status: 200, failure: 'refused' };

describe('any worker', () => {
  test('an idle worker runs any task of both phases, and a repeated request changes nothing', async ({ scratch }) => {
    const texts = library(scratch);
    const workers = scratch.start(['workers', '-W', '2', '--worker-port', String(scratch.port + 2)]);
    await workers.line(/2 workers ready/);
    await using proxy = await recordingProxy(scratch.port, scratch.port + 2, 2, scratch.token());
    const tasks = (): Exchange[] => proxy.exchanges.filter(({ method }) => method === 'POST');
    const sent = (attempt: string): Exchange => tasks().find((exchange) => attemptOf(exchange) === attempt)!;
    const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
    const held = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-0.1,reduce-0.1', ...gate];
    const driver = scratch.drive(['-N', '5', '-M', '3', '-W', '2', ...held, ...texts]);

    // One worker is busy with map-0, so the other one runs all other tasks.
    await workers.line(/map-0\.1 waits/);
    const busy = sent('map-0.1').port;
    const idle = busy === scratch.port + 2 ? scratch.port + 3 : scratch.port + 2;
    for (const task of [1, 2, 3, 4]) await committed(scratch, `intermediate/mr-${task}`);
    expect(tasks().filter(({ port }) => port === idle)).toHaveLength(4);

    const during = state(scratch);
    expect(await repeat(scratch, sent('map-0.1'), idle), 'an attempt that is running').toEqual(REFUSED);
    expect(await repeat(scratch, sent('map-1.1'), idle), 'a committed task').toEqual(REFUSED);
    expect(await repeat(scratch, sent('map-0.1'), busy), 'a busy worker').toMatchObject({ status: 409 });
    expect(state(scratch)).toEqual(during);
    scratch.write('gate/map-0.1', '');

    await workers.line(/reduce-0\.1 waits/);
    for (const task of [1, 2]) await outputCommitted(scratch, task);
    const reducing = state(scratch);
    const other = sent('reduce-0.1').port === busy ? idle : busy;
    expect(await repeat(scratch, sent('reduce-0.1'), other), 'an attempt that is running').toEqual(REFUSED);
    expect(await repeat(scratch, sent('reduce-1.1'), other), 'a committed task').toEqual(REFUSED);
    expect(await repeat(scratch, sent('map-2.1'), other), 'a task of the previous phase').toEqual(REFUSED);
    expect(state(scratch)).toEqual(reducing);
    scratch.write('gate/reduce-0.1', '');

    const result = await driver.finished;
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stdout, 'nothing was tried twice').not.toContain('on the way');
    expect(tasks().map(attemptOf).sort()).toEqual([
      ...[0, 1, 2, 3, 4].map((task) => `map-${task}.1`),
      ...[0, 1, 2].map((task) => `reduce-${task}.1`),
    ]);
    for (const kind of ['/map', '/reduce']) {
      expect(new Set(tasks().flatMap(({ url, port }) => (url === kind ? [port] : []))), kind).toEqual(
        new Set([busy, idle]),
      );
    }
    expect(scratch.output()).toBe(EXPECTED);

    const after = state(scratch);
    for (const exchange of tasks()) {
      for (const port of [busy, idle]) expect(await repeat(scratch, exchange, port)).toEqual(REFUSED);
    }
    expect(state(scratch)).toEqual(after);
  });

  test('a worker of a run refuses a request of the previous run', async ({ scratch }) => {
    const texts = library(scratch);
    const workers = scratch.start(['workers', '-W', '2', '--worker-port', String(scratch.port + 2)]);
    await workers.line(/2 workers ready/);
    let before: readonly Exchange[];
    {
      await using proxy = await recordingProxy(scratch.port, scratch.port + 2, 2, scratch.token());
      await scratch.done(['-N', '2', '-M', '2', '-W', '2', ...texts]);
      before = proxy.exchanges.filter(({ method }) => method === 'POST');
    }
    expect(before).toHaveLength(4);

    const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
    const driver = scratch.drive([
      '-N',
      '3',
      '-M',
      '3',
      '-W',
      '2',
      '--no-backup',
      '--job',
      HOLDING,
      '--param',
      'hold=map-2.1',
      ...gate,
      ...texts,
    ]);
    const [, pid] = await workers.line(/map-2\.1 waits in process (\d+)/);
    for (const task of [0, 1]) await committed(scratch, `intermediate/mr-${task}`);
    const idle = await portOfAnother(scratch, Number(pid));
    const during = state(scratch);
    for (const exchange of before) expect(await repeat(scratch, exchange, idle)).toEqual(REFUSED);
    expect(state(scratch)).toEqual(during);
    scratch.write('gate/map-2.1', '');

    expect((await driver.finished).exitCode).toBe(0);
    expect(scratch.output()).toBe(EXPECTED);
  });
});

async function committed(scratch: Scratch, file: string): Promise<void> {
  await until(`${file} is committed`, () => existsSync(join(scratch.state, file)));
}

/** Outputs are built in a folder of the run until all of them exist. */
async function outputCommitted(scratch: Scratch, task: number): Promise<void> {
  await until(`output ${task} is committed`, () =>
    readdirSync(scratch.state).some((name) => existsSync(join(scratch.state, name, 'new', `out-${task}`))),
  );
}

/** The port of the worker that is not the process `pid`. */
async function portOfAnother(scratch: Scratch, pid: number): Promise<number> {
  const first = scratch.port + 2;
  const worker = signedConnection(`http://127.0.0.1:${first}`, 'worker', scratch.token());
  const health = JSON.parse((await worker.request({ method: 'GET', path: '/health' })).body) as { pid: number };
  return health.pid === pid ? first + 1 : first;
}
