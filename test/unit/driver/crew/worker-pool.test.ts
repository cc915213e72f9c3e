import { expect, onTestFinished, test, vi } from 'vitest';

import { WorkerPool } from '../../../../src/driver/crew/worker-pool.ts';
import type { Health, TaskRequest } from '../../../../src/protocol.ts';
import type { Event } from '../../../../src/scheduler/events.ts';
import { UnprovenError } from '../../../../src/wire/http-client.ts';
import { jobFile, PlannedRun } from '../../../fixtures/planned-run.ts';
import { freePorts } from '../../../fixtures/ports.ts';
import { type ScriptedWorker, scriptedWorker, streams } from '../../../fixtures/scripted-worker.ts';
import { signedConnection } from '../../../fixtures/signed.ts';
import { expectOnlyChallenged, Stranger } from '../../../fixtures/stranger.ts';
import { until } from '../../../fixtures/until.ts';

const TOKEN = 'a-token-that-all-share';
const OWN_TOKEN = 'a-token-of-this-driver';
/** The workers of these tests do not read it. */
const REQUEST = { task: 0 } as TaskRequest;
const DONE = `${JSON.stringify({ type: 'failed', failure: { kind: 'job', message: 'done' } })}\n`;

function newPool(firstPort: number) {
  const events: Event[] = [];
  const pool = new WorkerPool({
    firstPort,
    token: TOKEN,
    spawnedObey: { of: 'parent', token: OWN_TOKEN },
    silenceMs: 5000,
    onOutput: () => {},
    onPortTaken: () => {},
    onPortRefused: () => {},
    dispatch: (event) => events.push(event),
  });
  onTestFinished(() => pool.close());
  const types = (): string[] => events.map(({ type }) => type);
  const begin = (id: number, attempt: `map-${number}.${number}`, request = REQUEST): Promise<unknown> =>
    new Promise((resolve) => {
      const succeeded = resolve;
      pool.runTask(id, 'map', attempt, request, { progressed: resolve, succeeded, failed: resolve });
    });
  return { pool, events, types, begin };
}

function losses(events: readonly Event[]): unknown[] {
  return events.flatMap((event) => (event.type === 'worker-lost' ? [event.cause] : []));
}

function ready(events: readonly Event[], worker: number) {
  return events.find((event) => event.type === 'worker-ready' && event.worker === worker);
}

/** Runs attempts on a further worker: by then the pool has received everything that was sent before. */
async function roundTrip({ pool, begin }: ReturnType<typeof newPool>): Promise<void> {
  const { port } = await scriptedWorker(TOKEN, (reply) => void reply.send(DONE));
  await pool.adopt(9, port, 9);
  for (let attempt = 1; attempt <= 3; attempt++) await begin(9, `map-9.${attempt}`);
}

test('a worker that announces that it leaves, and whose connection breaks then, is lost once', async () => {
  const there = newPool(await freePorts(1));
  let connection: { destroy(): void } | null | undefined;
  const { port, openAnswers } = await scriptedWorker(TOKEN, (reply) => {
    connection = reply.raw.socket;
    streams(`${JSON.stringify({ type: 'progress', records: 0, bytes: 0 })}\n`)(reply);
  });
  await there.pool.adopt(1, port, 7);
  await there.begin(1, 'map-0.1');
  there.pool.lose(1, 'it has left');
  there.pool.lose(1, 'no notice from it for 10 s');
  connection?.destroy();
  await until('the connection is gone', () => openAnswers() === 0);
  await roundTrip(there);
  expect(losses(there.events)).toEqual([{ message: 'it has left', reached: true, stderr: [] }]);
});

test('a process that is killed in an attempt is lost once, by how it ended', async () => {
  const there = newPool(await freePorts(1));
  const run = await PlannedRun.make({
    job: jobFile('map() { for (;;) {} }, reduce: sum'),
    texts: ['a\n'],
    mapCount: 1,
    reduceCount: 1,
  });
  await there.pool.spawn(1);
  const { pid } = (await until('it is ready', () => ready(there.events, 1))) as { pid: number };
  await there.begin(1, 'map-0.1', run.request(0));
  process.kill(pid, 'SIGKILL');
  await until('it is lost', () => losses(there.events).length > 0);
  await roundTrip(there);
  expect(losses(there.events)).toMatchObject([{ message: 'its process ended with SIGKILL', reached: true }]);
});

test('a worker that is busy with another’s attempt was not reached', async () => {
  const { pool, events, begin } = newPool(await freePorts(1));
  const { port } = await scriptedWorker(TOKEN, (reply) => void reply.code(409).send({ message: 'busy' }));
  await pool.adopt(1, port, 7);
  void begin(1, 'map-0.1');
  await until('it is lost', () => losses(events).length > 0);
  expect(losses(events)).toEqual([
    { message: 'the worker answered 409: {"message":"busy"}', reached: false, stderr: [] },
  ]);
});

test('an attempt counts as cancelled when its worker says that it is idle, not before', async () => {
  const { pool, types, begin } = newPool(await freePorts(1));
  const states: Health['state'][] = ['busy', 'busy', 'busy', 'idle'];
  const { port } = await scriptedWorker(
    TOKEN,
    streams(`${JSON.stringify({ type: 'progress', records: 0, bytes: 0 })}\n`),
    states,
  );
  await pool.adopt(1, port, 7);
  await begin(1, 'map-0.1');
  await pool.cancel(1, 'map-0.1');
  expect(states, 'it was asked until then').toEqual([]);
  expect(types()).toEqual(['worker-ready', 'attempt-cancelled']);
});

test('a caller that shares the token but has not started a worker cannot command it, and is told why', async () => {
  const { pool, events } = newPool(await freePorts(1));
  await pool.spawn(1);
  const { url } = (await until('it is ready', () => ready(events, 1))) as { url: string };
  const refused = await signedConnection(url, 'worker', TOKEN)
    .prove()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UnprovenError);
  expect((refused as UnprovenError).answer).toMatchObject({
    status: 401,
    body: expect.stringContaining('this worker runs only requests of the driver that has started it'),
  });
  await signedConnection(url, 'worker', OWN_TOKEN).prove();
});

async function joined(worker: ScriptedWorker) {
  const there = newPool(await freePorts(1));
  const arrival = { name: 'joe', host: 'here', port: worker.port, pid: 7 };
  await there.pool.join(1, arrival);
  void there.begin(1, 'map-0.1');
  await until('it is lost', () => there.types().includes('worker-lost'));
  there.events.length = 0;
  return { ...there, arrival };
}

test('a worker that had joined and was lost joins again when it is idle, once, and not while it is busy', async () => {
  const { pool, types, arrival } = await joined(
    await scriptedWorker(TOKEN, (reply) => void reply.code(409).send({ message: 'busy' }), ['busy']),
  );
  await pool.rejoin(1, arrival);
  expect(types(), 'it says that it is busy').toEqual([]);
  await Promise.all([pool.rejoin(1, arrival), pool.rejoin(1, arrival)]);
  expect(types()).toEqual(['worker-joined', 'worker-ready']);
  await pool.rejoin(1, arrival);
  expect(types(), 'it is here').toHaveLength(2);
});

test('a stranger on the port of a dead worker is not mistaken for it, and is sent nothing', async () => {
  const real = await scriptedWorker(TOKEN, () => expect.unreachable());
  const stranger = await Stranger.on({ passesTo: real.port });
  const { pool, types, arrival } = await joined({ ...real, port: stranger.port });
  await pool.rejoin(1, arrival);
  expect(types()).toEqual([]);
  expectOnlyChallenged(stranger, TOKEN);
});

test('a worker that the machine refuses to start, in whatever way, is lost', async () => {
  const { pool, events } = newPool(await freePorts(1));
  // Too large for any process. Unlike other refusals, Node throws this one instead of emitting it.
  vi.stubEnv('MUCH', 'x'.repeat(4 << 20));
  onTestFinished(() => void vi.unstubAllEnvs());
  await pool.respawn(1, 0);
  await until('the loss is told', () => events.length > 0);
  expect(losses(events)).toEqual([
    { message: expect.stringContaining('E2BIG') as string, isRefused: true, reached: true, stderr: [] },
  ]);
});
