import type { FastifyReply } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { type AttemptListener, WorkerClient } from '../../../../src/driver/crew/worker-client.ts';
import { type Health, MAX_RESPONSE_LINE_BYTES, type TaskRequest } from '../../../../src/protocol.ts';
import { freePorts } from '../../../fixtures/ports.ts';
import { scriptedWorker, streams } from '../../../fixtures/scripted-worker.ts';
import { expectOnlyChallenged, Stranger } from '../../../fixtures/stranger.ts';

const TOKEN = 'a-token-of-this-test';
/** The workers of these tests do not read it. */
const REQUEST = { task: 0 } as TaskRequest;

/** A worker and a client that asks it. */
async function worker(answerTask: (reply: FastifyReply) => void, states: Health['state'][] = []) {
  const scripted = await scriptedWorker(TOKEN, answerTask, states);
  return { ...scripted, client: clientOf(scripted.port) };
}

function clientOf(port: number, silenceMs = 10_000): WorkerClient {
  const client = new WorkerClient(`http://127.0.0.1:${port}`, TOKEN, silenceMs);
  onTestFinished(() => client.close());
  return client;
}

/** The calls for an attempt, and when the last of them was. */
async function heardOf(client: WorkerClient, onProgress = (): void => {}): Promise<unknown[]> {
  const heard: unknown[] = [];
  const told = (what: keyof AttemptListener) => (said: unknown) => void heard.push({ [what]: said });
  await client.runTask('map', REQUEST, {
    progressed: (progress) => (told('progressed')(progress), onProgress()),
    succeeded: told('succeeded'),
    failed: told('failed'),
    lost: told('lost'),
  });
  return heard;
}

const PROGRESS = `${JSON.stringify({ type: 'progress', records: 1, bytes: 2 })}\n`;

test('a stranger on a worker’s port is sent nothing; the attempt never began', async () => {
  const { port } = await worker(() => expect.unreachable());
  const stranger = await Stranger.on({ passesTo: port });
  const client = clientOf(stranger.port);
  expect(await heardOf(client)).toEqual([
    {
      lost: {
        message: expect.stringContaining('does not prove that it has the token'),
        reached: false,
        isSilent: false,
      },
    },
  ]);
  expect(await client.health()).toBeUndefined();
  expectOnlyChallenged(stranger, TOKEN);
});

test('a worker that is busy, or does not know the signature, was not reached: it is lost, but no attempt is used up', async () => {
  for (const status of [409, 401]) {
    const { client } = await worker((reply) => void reply.code(status).send({ message: 'no' }));
    const message = `the worker answered ${status}: {"message":"no"}`;
    expect(await heardOf(client)).toEqual([{ lost: { message, reached: false, isSilent: false } }]);
  }
  const { client } = await worker((reply) => void reply.code(400).send({ message: 'no' }));
  expect(await heardOf(client)).toEqual([
    { failed: { kind: 'refused', message: 'the worker answered 400: {"message":"no"}' } },
  ]);
});

test('a port on which nothing listens was not reached; a worker that dies in an attempt was', async () => {
  expect(await heardOf(clientOf(await freePorts(1)))).toMatchObject([{ lost: { reached: false, isSilent: false } }]);
  const dying = await worker((reply) => void reply.raw.socket?.destroy());
  expect(await heardOf(dying.client)).toMatchObject([{ lost: { reached: true, isSilent: false } }]);
});

test('a worker that sends nothing for too long is silent, and unreached if it has not even proved itself', async () => {
  const stranger = await Stranger.on({ answer: () => '' });
  expect(await heardOf(clientOf(stranger.port, 200))).toEqual([
    { lost: { message: 'silent for 0.2 s', reached: false, isSilent: true } },
  ]);
});

test('a cancelled attempt has no result, and its worker is free when it says so, not before', async () => {
  const { client, states, openAnswers } = await worker(streams(PROGRESS), ['busy', 'busy', 'busy', 'idle', 'busy']);
  const { promise: began, resolve } = Promise.withResolvers<void>();
  const heard = heardOf(client, resolve);
  await began;
  expect(await client.cancel()).toBe('free');
  expect(states, 'it was asked until it was idle').toEqual(['busy']);
  expect(await heard).toEqual([{ progressed: { records: 1, bytes: 2 } }]);
  await expect.poll(openAnswers).toBe(0);
});

test.for([
  ['that is too long', 'x'.repeat(MAX_RESPONSE_LINE_BYTES + 1), /^expected lines of at most 8 MiB, found a longer one/],
  ['that is not one of the protocol', 'hello\n', /^expected a line of the protocol, found hello/],
] as const)(
  'a line %s fails the attempt, closes its connection, and waits until the worker is free',
  async ([, line, message]) => {
    const { client, states, openAnswers } = await worker(streams(PROGRESS + line), ['busy', 'idle', 'busy']);
    expect(await heardOf(client)).toEqual([
      { progressed: { records: 1, bytes: 2 } },
      { failed: { kind: 'refused', message: expect.stringMatching(message) } },
    ]);
    expect(states).toEqual(['busy']);
    await expect.poll(openAnswers).toBe(0);
  },
);

test('a refusal that is too long ends the attempt and its connection', async () => {
  const { client, openAnswers } = await worker((reply) => {
    reply.hijack();
    reply.raw.writeHead(400).write('x'.repeat(1 << 20));
  });
  const message = 'expected an answer of at most 65536 bytes, found a longer one';
  expect(await heardOf(client)).toEqual([{ failed: { kind: 'refused', message } }]);
  await expect.poll(openAnswers).toBe(0);
});
