import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { MAX_RESPONSE_LINE_BYTES, type ParentMessage, placeText, type TaskRequest } from '../../../src/protocol.ts';
import { Executor } from '../../../src/worker/executor.ts';
import type { HttpConnection } from '../../../src/wire/http-client.ts';
import { fixedToken } from '../../../src/wire/token-proof.ts';
import { workerServer } from '../../../src/worker/worker-server.ts';
import { readPlaceMark } from '../../../src/workspace/place-mark.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';
import { readSortedFile } from '../../fixtures/sorted-files.ts';
import { freePorts } from '../../fixtures/ports.ts';
import { signedConnection } from '../../fixtures/signed.ts';
import { until } from '../../fixtures/until.ts';

const TOKEN = 'token of this test';
const MAIN = fileURLToPath(new URL('../../../src/worker/worker-main.ts', import.meta.url));

/** A worker's server on a free port; `ended` counts its calls of `onTaskEnd`. */
async function listening() {
  const executor = new Executor();
  const counts = { ended: 0 };
  const server = workerServer({ token: fixedToken(TOKEN), executor, onTaskEnd: () => void counts.ended++ });
  onTestFinished(async () => {
    executor.close();
    await server.close();
  });
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  return { url, executor, counts };
}

function planned(map: string): Promise<PlannedRun> {
  const job = jobFile(`map(line: string, { emit }) { ${map} emit(line, 1); }, reduce: sum`);
  return PlannedRun.make({ job, texts: ['ok\nbad\n', 'ok\n'], mapCount: 2, reduceCount: 1 });
}

interface Answer {
  readonly status: number;
  readonly last: unknown;
}

/** Requests an attempt over a new connection. `hear` receives the response piece by piece. */
async function post(
  url: string,
  request: TaskRequest,
  { hear = () => {}, cancel }: { hear?: (text: string) => void; cancel?: AbortSignal } = {},
): Promise<Answer> {
  let text = '';
  const { status, body } = await connectionTo(url).request({
    method: 'POST',
    path: '/map',
    body: JSON.stringify(request),
    onData: (bytes) => {
      text += bytes.toString();
      hear(text);
    },
    ...(cancel === undefined ? {} : { cancel }),
  });
  return { status, last: JSON.parse((text + body).trimEnd().split('\n').at(-1)!) };
}

async function stateOf(url: string): Promise<unknown> {
  const { body } = await connectionTo(url).request({ method: 'GET', path: '/health' });
  return (JSON.parse(body) as { state: unknown }).state;
}

function connectionTo(url: string): HttpConnection {
  return signedConnection(url, 'worker', TOKEN);
}

test('while map loops for ever, its worker responds, and progress shows its place; a closed connection frees the worker', async () => {
  const { url, executor, counts } = await listening();
  const run = await planned("if (line === 'bad') for (;;) {}");
  const connection = new AbortController();
  let heard = '';
  const answer = post(url, run.request(0), { hear: (text) => (heard = text), cancel: connection.signal });
  answer.catch(() => {});
  await until('map loops', () => JSON.stringify(executor.progressLine()).includes('"offset":3'));
  const asked = performance.now();
  expect(await stateOf(url)).toBe('busy');
  // Usually far less, but the machine may be busy with other tests.
  expect(performance.now() - asked).toBeLessThan(2000);
  const told = await until('progress is told', () =>
    heard.split('\n').find((line) => line.endsWith('}') && line.includes('"offset":3')),
  );
  expect(JSON.parse(told)).toEqual({
    type: 'progress',
    heapBytes: expect.any(Number),
    steps: expect.any(Number),
    records: 1,
    bytes: 0,
    place: { file: '0.txt', slice: 0, offset: 3 },
  });
  connection.abort();
  await until('the worker is free', () => !executor.busy);
  await until('the task has ended', () => counts.ended === 1);
  await expect(answer).rejects.toThrow();
  expect((await post(url, run.request(1))).last).toMatchObject({ type: 'done' });
});

test('a refused request does not get to the thread, and the job stays loaded', async () => {
  const { url } = await listening();
  const job = jobFile(`map(line: string, { emit }) { emit(line, ++calls); }, reduce: sum });\nlet calls = 0;\n(0, {`);
  const run = await PlannedRun.make({ job, texts: ['a\n', 'a\n'], mapCount: 2, reduceCount: 1 });
  const answerTo = async (request: TaskRequest): Promise<unknown> => (await post(url, request)).last;
  expect(await answerTo(run.request(0))).toMatchObject({ type: 'done' });
  const refused = { type: 'failed', failure: { kind: 'refused' } };
  expect(await answerTo({ ...run.request(0), runId: 'another' })).toMatchObject(refused);
  expect(await answerTo(run.request(0))).toMatchObject(refused);
  expect(await answerTo(run.request(1))).toMatchObject({ type: 'done' });
  const [[pair]] = readSortedFile(run.workspace.attempt('this-run', 'map-1.1')) as [[[Uint8Array, number]]];
  expect(pair[1]).toBe(2);
});

test('onTaskEnd is called for each task when its response has been sent, also for failed ones', async () => {
  const { url, counts } = await listening();
  const run = await planned("if (line === 'bad') throw new Error('boom');");
  for (const [task, type] of ['failed', 'done'].entries()) {
    expect(counts.ended).toBe(task);
    expect((await post(url, run.request(task))).last).toMatchObject({ type });
    await until('it has been counted', () => counts.ended === task + 1);
  }
  await stateOf(url);
  expect((await post(url, {} as TaskRequest)).status).toBe(400);
  expect(counts.ended).toBe(2);
});

test('a message that is longer than a driver reads is cut short', async () => {
  const { url } = await listening();
  const throws = `if (line === 'bad') throw new Error('x'.repeat(${MAX_RESPONSE_LINE_BYTES}));`;
  const job = jobFile(`map(line: string, context: any) { ${throws} }, reduce: sum`);
  const run = await PlannedRun.make({ job, texts: ['ok\nbad\n'], mapCount: 1, reduceCount: 1 });
  expect((await post(url, run.request(0))).last).toMatchObject({
    type: 'failed',
    failure: { kind: 'job', message: 'x'.repeat(100_000), place: { file: '0.txt', slice: 0, offset: 3 } },
  });
});

test('the longest report that a job can make is far shorter than a driver reads', async () => {
  const { url } = await listening();
  const counts = 'for (let at = 0; at < 1000; at++) context.count(`\\0`.repeat(96) + (at + 1000), Math.PI * 1e300);';
  const job = jobFile(`map(_line: string, context: any) { ${counts} }, reduce: sum`);
  const run = await PlannedRun.make({ job, texts: ['ok\n'], mapCount: 1, reduceCount: 1000 });
  const { last } = await post(url, run.request(0));
  expect(last).toMatchObject({ type: 'done' });
  expect(JSON.stringify(last).length).toBeLessThan(MAX_RESPONSE_LINE_BYTES / 8);
});

test('a careful attempt that kills its process leaves a place mark of its record', async () => {
  const run = await planned("if (line === 'bad') process.kill(process.pid, 'SIGKILL');");
  const port = await freePorts(1);
  const worker = fork(MAIN);
  worker.send({ type: 'listen', port, token: { of: 'parent', token: TOKEN } } satisfies ParentMessage);
  onTestFinished(() => void worker.kill('SIGKILL'));
  await once(worker, 'message');
  await expect(post(`http://127.0.0.1:${port}`, { ...run.request(0), careful: true })).rejects.toThrow();
  const place = readPlaceMark(run.workspace.placeMark('this-run', 'map-0.1'));
  expect(place).toEqual({ file: '0.txt', slice: 0, offset: 3 });
  expect(placeText(place!)).toBe('the record at byte 3 of 0.txt');
});
