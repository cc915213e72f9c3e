import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';

import { openDoor } from '../../../../src/driver/door/joining.ts';
import { WorkerPool } from '../../../../src/driver/crew/worker-pool.ts';
import { PROTOCOL, type TaskRequest } from '../../../../src/protocol.ts';
import type { Event } from '../../../../src/scheduler/events.ts';
import { scriptedWorker } from '../../../fixtures/scripted-worker.ts';
import { signedConnection } from '../../../fixtures/signed.ts';
import { until } from '../../../fixtures/until.ts';

const TOKEN = 'a-token-for-this-test';
const PORT = 9;
/** The workers of these tests do not read it. */
const REQUEST = { task: 0 } as TaskRequest;

async function door() {
  const events: Event[] = [];
  const dispatch = (event: Event): void => void events.push(event);
  const nothing = (): void => {};
  const options = {
    firstPort: PORT,
    token: TOKEN,
    spawnedObey: { of: 'parent', token: 'own' },
    silenceMs: 2000,
    dispatch,
  } as const;
  const pool = new WorkerPool({ ...options, onOutput: nothing, onPortTaken: nothing, onPortRefused: nothing });
  const opened = await openDoor({ port: 0, token: TOKEN, serving: async () => {}, runId: 'run', pool, dispatch });
  const caller = signedConnection(opened.url, 'driver', TOKEN);
  const notice = async (state: string, pid: number, port = PORT): Promise<number> => {
    const body = JSON.stringify({ protocol: PROTOCOL, pid, host: 'far-away', port, state });
    return (await caller.request({ method: 'PUT', path: '/workers/joe', body })).status;
  };
  const close = async (): Promise<void> => void (await Promise.all([opened.close(), pool.close()]));
  return { pool, events, notice, [Symbol.asyncDispose]: close };
}

test('a worker that was found listening, and joins too, leaves under the number that it has in the pool', async () => {
  await using there = await door();
  await there.pool.adopt(1, PORT, 77);

  expect(await there.notice('idle', 77)).toBe(204);
  expect(await there.notice('leaving', 77)).toBe(204);

  expect(there.events.map(({ type }) => type)).toEqual(['worker-ready', 'worker-leaving']);
  expect(there.events.at(-1)).toEqual({ type: 'worker-leaving', worker: 1 });
});

test('the attempt of a worker is lost if the worker joins again while it still counts as there', async () => {
  await using there = await door();
  const arrival = { name: 'joe', host: 'far-away', port: PORT, pid: 77 };
  await there.pool.join(1, arrival);
  await there.pool.join(1, { ...arrival, pid: 78 });

  const types = ['worker-joined', 'worker-ready', 'worker-lost', 'worker-joined', 'worker-ready'];
  expect(there.events.map(({ type }) => type)).toEqual(types);
});

test.for([
  ['answers 409', (reply: FastifyReply): void => void reply.code(409).send({ message: 'busy with another' }), false],
  ['breaks its connection', (reply: FastifyReply): void => void reply.raw.socket?.destroy(), true],
] as const)('a worker that %s once is used again when it says that it is idle', async ([, answer, reached]) => {
  await using there = await door();
  const { port } = await scriptedWorker(TOKEN, answer);
  const seen = (type: Event['type']): Promise<Event> =>
    until(type, () => there.events.find((event) => event.type === type));
  const heard = { progressed: () => {}, succeeded: () => {}, failed: () => {} };
  expect(await there.notice('idle', 77, port)).toBe(204);
  await seen('worker-ready');
  there.pool.runTask(1, 'map', 'map-0.1', REQUEST, heard);
  expect(await seen('worker-lost')).toMatchObject({ worker: 1, cause: { reached } });

  there.events.length = 0;
  expect(await there.notice('busy', 77, port)).toBe(204);
  expect(await there.notice('idle', 77, port)).toBe(204);
  expect(await seen('worker-ready')).toMatchObject({ worker: 1, pid: 77 });
  expect(await there.notice('idle', 77, port)).toBe(204);
  there.pool.runTask(1, 'map', 'map-0.2', REQUEST, heard);
  await seen('worker-lost');
  expect(there.events.map(({ type }) => type)).toEqual(['worker-joined', 'worker-ready', 'worker-lost']);
});
