import { expect, test } from 'vitest';

import { openDoor } from '../../../src/driver/joining.ts';
import { WorkerPool } from '../../../src/driver/worker-pool.ts';
import { PROTOCOL } from '../../../src/protocol.ts';
import type { Event } from '../../../src/scheduler/events.ts';
import { signedConnection } from '../../fixtures/signed.ts';

const TOKEN = 'a-token-for-this-test';
const PORT = 9;

async function door() {
  const events: Event[] = [];
  const report = (event: Event): void => void events.push(event);
  const nothing = (): void => {};
  const options = {
    firstPort: PORT,
    token: TOKEN,
    spawnedObey: { of: 'parent', token: 'own' },
    silenceMs: 2000,
    report,
  } as const;
  const pool = new WorkerPool({ ...options, onOutput: nothing, onPortTaken: nothing, onPortRefused: nothing });
  const opened = await openDoor({ port: 0, token: TOKEN, serving: async () => {}, runId: 'run', pool, report });
  const caller = signedConnection(opened.url, 'driver', TOKEN);
  const notice = async (state: string, pid: number): Promise<number> => {
    const body = JSON.stringify({ protocol: PROTOCOL, pid, host: 'far-away', port: PORT, state });
    return (await caller.request({ method: 'PUT', path: '/workers/joe', body })).status;
  };
  const close = async (): Promise<void> => void (await Promise.all([opened.close(), pool.close()]));
  return { pool, events, notice, [Symbol.asyncDispose]: close };
}

test('a worker that was found listening, and joins too, leaves under the number that it works under', async () => {
  await using there = await door();
  await there.pool.adopt(1, PORT, 77);

  expect(await there.notice('idle', 77)).toBe(204);
  expect(await there.notice('leaving', 77)).toBe(204);

  expect(there.events.map(({ type }) => type)).toEqual(['worker-ready', 'worker-leaving']);
  expect(there.events.at(-1)).toEqual({ type: 'worker-leaving', worker: 1 });
});

test('what a worker had is lost where it comes again while it still counts as there', async () => {
  await using there = await door();
  const arrival = { name: 'joe', host: 'far-away', port: PORT, pid: 77 };
  await there.pool.join(1, arrival);
  await there.pool.join(1, { ...arrival, pid: 78 });

  const types = ['worker-joined', 'worker-ready', 'worker-lost', 'worker-joined', 'worker-ready'];
  expect(there.events.map(({ type }) => type)).toEqual(types);
});
