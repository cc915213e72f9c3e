import type { AddressInfo } from 'node:net';

import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { refuseStranger, SignedRequests } from '../../../src/wire/check-token.ts';
import { newServer } from '../../../src/wire/http-server.ts';
import { MAX_BODY_BYTES } from '../../../src/protocol.ts';
import { isSilence, UnprovenError } from '../../../src/wire/http-client.ts';
import { CHALLENGE_HEADER, fixedToken, type Listener } from '../../../src/wire/token-proof.ts';
import { freePorts, holdPort } from '../../fixtures/ports.ts';
import { signedConnection } from '../../fixtures/signed.ts';
import { expectOnlyChallenged, Stranger } from '../../fixtures/stranger.ts';

const TOKEN = 'a-token-of-this-test';
const GET = { method: 'GET', path: '/told' } as const;
const TELL = { method: 'POST', path: '/told', body: '{"secret":"do this"}' } as const;

interface Told {
  readonly url: string;
  readonly port: number;
  readonly server: FastifyInstance;
  /** The bodies of signed requests. */
  readonly told: unknown[];
  /** Resolves when `/never` was requested. */
  readonly reached: PromiseWithResolvers<void>;
}

/** A real listener with a token. */
async function listening(listener: Listener = 'worker', token = TOKEN, port = 0): Promise<Told> {
  const server = newServer();
  const signed = new SignedRequests(server, listener, fixedToken(token));
  const told: unknown[] = [];
  server.addHook('onRequest', (request, reply, next) => {
    if (signed.has(request)) next();
    else void refuseStranger(reply);
  });
  server.post('/told', (request) => {
    told.push(request.body);
    return 'heard';
  });
  server.get('/told', () => 'heard');
  const reached = Promise.withResolvers<void>();
  server.get('/never', (_request, reply) => {
    reached.resolve();
    reply.hijack();
  });
  server.get('/breaks', (request) => void request.raw.socket.destroy());
  server.get('/long', () => 'x'.repeat(MAX_BODY_BYTES + 1));
  onTestFinished(() => server.close());
  const url = await server.listen({ port, host: '127.0.0.1' });
  return { url, port: (server.server.address() as AddressInfo).port, server, told, reached };
}

test('signed requests get responses, and the token is in none of them', async () => {
  const { url, told } = await listening();
  const connection = signedConnection(url, 'worker', TOKEN);
  for (let time = 0; time < 3; time++)
    expect(await connection.request(TELL)).toMatchObject({ status: 200, body: 'heard' });
  expect(await connection.request(GET)).toMatchObject({ status: 200 });
  expect(told).toEqual(Array.from({ length: 3 }, () => ({ secret: 'do this' })));
});

test.for([
  ['replies without a proof', () => 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
  [
    'makes up a proof',
    () => `HTTP/1.1 401 No\r\nx-mapreduce-proof: ${'a'.repeat(24)}.${'b'.repeat(43)}\r\ncontent-length: 0\r\n\r\n`,
  ],
  [
    'sends the challenge back',
    (asked: string) => {
      const [, challenge] = /x-mapreduce-challenge: (\S+)/.exec(asked)!;
      return `HTTP/1.1 401 No\r\nx-mapreduce-proof: ${challenge}.${challenge}\r\ncontent-length: 0\r\n\r\n`;
    },
  ],
] as const)('no request is sent to a listener that %s', async ([, answer]) => {
  const stranger = await Stranger.on({ answer });
  const connection = signedConnection(stranger.url, 'worker', TOKEN);
  await expect(connection.request(TELL)).rejects.toThrow(UnprovenError);
  expectOnlyChallenged(stranger, TOKEN);
});

test('no request is sent to a listener with another token or role, nor by a caller without a token', async () => {
  const others = [await listening('worker', 'another-token-than-this'), await listening('driver')];
  for (const { url } of others) {
    await expect(signedConnection(url, 'worker', TOKEN).request(TELL)).rejects.toThrow(UnprovenError);
  }
  const { url, told } = await listening('worker', '');
  for (const token of ['', TOKEN]) {
    await expect(signedConnection(url, 'worker', token).request(TELL)).rejects.toThrow(UnprovenError);
  }
  expect([...others.flatMap((other) => other.told), ...told]).toEqual([]);
});

test('no request is sent through a stranger that relays everything to a real listener', async () => {
  const { port, told } = await listening();
  const stranger = await Stranger.on({ passesTo: port });
  await expect(signedConnection(stranger.url, 'worker', TOKEN).request(TELL)).rejects.toThrow(UnprovenError);
  expect(stranger.answered.join(), 'the real one has given its proof').toContain('x-mapreduce-proof');
  expectOnlyChallenged(stranger, TOKEN);
  expect(told).toEqual([]);
});

test('a stranger that gave up the port to a real listener, but kept the connection, cannot relay requests either', async () => {
  const port = await freePorts(1);
  const stranger = await Stranger.on({ port });
  const asked = signedConnection(stranger.url, 'worker', TOKEN).request(TELL);
  asked.catch(() => {});
  await expect.poll(() => stranger.heard.join()).toContain(CHALLENGE_HEADER);
  stranger.stopListening();
  const { told } = await listening('worker', TOKEN, port);
  stranger.passOnTo(port);
  await expect(asked).rejects.toThrow(UnprovenError);
  expectOnlyChallenged(stranger, TOKEN);
  expect(told).toEqual([]);
});

test('a lost connection, even an idle one, is followed by one that must prove itself as well', async () => {
  const other = await listening();
  const first = await listening();
  const connection = signedConnection(first.url, 'worker', TOKEN);
  expect(await connection.request(TELL)).toMatchObject({ status: 200 });
  await first.server.close();
  const stranger = await Stranger.on({ port: first.port, passesTo: other.port });
  // The first may be written before the end of the old connection is noticed.
  await expect(connection.request(TELL)).rejects.toThrow();
  await expect(connection.request(TELL)).rejects.toThrow(UnprovenError);
  expectOnlyChallenged(stranger, TOKEN);
  expect(other.told).toEqual([]);

  await stranger.close();
  const back = await listening('worker', TOKEN, first.port);
  expect(await connection.request(TELL), 'the real one is back').toMatchObject({ status: 200 });
  expect(back.told).toHaveLength(1);
});

test('requests that wait while the connection breaks are sent on the next one, once', async () => {
  const { url, told } = await listening();
  const connection = signedConnection(url, 'worker', TOKEN);
  const breaks = connection.request({ method: 'GET', path: '/breaks' });
  const waits = connection.request(TELL);
  await expect(breaks).rejects.toThrow();
  expect(await waits).toMatchObject({ status: 200 });
  expect(told).toHaveLength(1);
});

test('a silent listener is given up after a time, and an endless response after a size', async () => {
  const silent = await holdPort(await freePorts(1));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const unheard = await signedConnection(`http://127.0.0.1:${port}`, 'worker', TOKEN, 300)
    .request(TELL)
    .catch((error: unknown) => error);
  expect(isSilence(unheard)).toBe(true);

  const { url } = await listening();
  const long = signedConnection(url, 'worker', TOKEN).request({ method: 'GET', path: '/long' });
  await expect(long).rejects.toThrow(/at most 65536 bytes/);
  const endless = await Stranger.on({ answer: () => `HTTP/1.1 401 No\r\n\r\n${'x'.repeat(2 * MAX_BODY_BYTES)}` });
  await expect(signedConnection(endless.url, 'worker', TOKEN).prove()).rejects.toThrow(/at most 65536 bytes/);
});

test('closing ends a request that waits for its response', async () => {
  const { url, reached } = await listening();
  const connection = signedConnection(url, 'worker', TOKEN);
  const asked = connection.request({ method: 'GET', path: '/never' });
  asked.catch(() => {});
  await reached.promise;
  await connection.close();
  await expect(asked).rejects.toThrow();
});
