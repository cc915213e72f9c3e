import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { beforeEach, describe, expect, test } from 'vitest';
import * as v from 'valibot';

import { type Member, Registry } from '../../../../src/driver/door/registry.ts';
import { driverServer } from '../../../../src/driver/door/driver-server.ts';
import { listenOn } from '../../../../src/wire/http-server.ts';
import { DriverGreeting, DriverHealth, MAX_BODY_BYTES, PROTOCOL, type WorkerNotice } from '../../../../src/protocol.ts';
import type { HttpAnswer, HttpConnection } from '../../../../src/wire/http-client.ts';
import { CHALLENGE_HEADER, drawChallenge, PROOF_HEADER, SIGNATURE_HEADER } from '../../../../src/wire/token-proof.ts';
import { signedConnection } from '../../../fixtures/signed.ts';

const TOKEN = 'a-token-of-this-test';
const NOTICE: WorkerNotice = { protocol: PROTOCOL, pid: process.pid, host: 'here', port: 8001, state: 'idle' };

/** A made-up signature. */
const GUESSED = { [SIGNATURE_HEADER]: `1.${'x'.repeat(43)}.${'x'.repeat(43)}` };

interface Asked {
  readonly body?: string;
  readonly headers?: Record<string, string>;
}
interface Answered {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** The workers that have joined, as they were when something changed last. */
let members: Map<string, Member>;
let port: number;
/** The connection of a caller with the token. */
let connection: HttpConnection;

beforeEach(async () => {
  members = new Map();
  const heard = (member: Member): void => void members.set(member.name, member);
  const registry = new Registry({
    now: () => 0,
    nextId: () => 1,
    mayBeAlive: () => true,
    events: { joined: heard, leaving: heard, left: heard, silent: heard, returned: heard, idle: heard },
  });
  const server = driverServer({ token: TOKEN, runId: 'run-1', registry });
  // More routes may come to it.
  server.get('/more', () => 'more');
  expect(await listenOn(server, 0)).toBe(true);
  ({ port } = server.server.address() as AddressInfo);
  connection = signedConnection(`http://127.0.0.1:${port}`, 'driver', TOKEN);
  return () => server.close();
});

/** Sends a request exactly as given: fetch would correct some paths, and refuse some methods. */
function ask(method: string, path: string, { body = '', headers = {} }: Asked = {}): Promise<Answered> {
  const own = { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', method, path, agent: false, headers: { ...own, ...headers } })
      .once('error', reject)
      .once('response', (answer) => {
        void text(answer).then((body) => resolve({ status: answer.statusCode!, headers: answer.headers, body }));
      })
      .end(body);
  });
}

function tell(method: string, path: string, value?: unknown): Promise<HttpAnswer> {
  const request = { method: method as 'PUT', path };
  return connection.request(value === undefined ? request : { ...request, body: JSON.stringify(value) });
}

describe('without the token', () => {
  const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
  const PATHS = ['/', '/status', '/health', '/more', '/workers', '/workers/brave-otter-42', '/%zz', '/workers/%zz'];

  test.for(METHODS)('a caller without the token gets 405 for %s, whatever the path', async (method) => {
    for (const path of [...PATHS, `/workers/${'x'.repeat(200)}`]) {
      for (const signed of [{}, GUESSED]) {
        const headers = { 'content-type': 'application/json', ...signed };
        const answer = await ask(method, path, { body: JSON.stringify(NOTICE), headers });
        expect.soft(answer.status, `${method} ${path}`).toBe(405);
        expect.soft(answer.headers['allow']).toBe('GET, HEAD');
      }
    }
    expect([...members.values()]).toEqual([]);
  });

  test('a caller without the token gets the proof that the driver has it, and sees that it is a driver', async () => {
    const answer = await ask('GET', '/health', { headers: { [CHALLENGE_HEADER]: drawChallenge() } });
    expect(answer.status).toBe(200);
    expect(answer.headers[PROOF_HEADER]).toMatch(/^[\w-]{24}\.[\w-]{43}$/);
    expect(v.parse(DriverGreeting, JSON.parse(answer.body))).toEqual({
      role: 'driver',
      protocol: PROTOCOL,
      status: 'ok',
    });
    expect(answer.body).not.toContain('run-1');
    expect((await ask('GET', '/health', { headers: GUESSED })).status).toBe(401);
  });

  test('a caller without the token sees that the driver is healthy, as any monitor does', async () => {
    const answer = await ask('GET', '/health');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ role: 'driver', protocol: PROTOCOL, status: 'ok' });
    expect(answer.headers[PROOF_HEADER]).toBeUndefined();
    expect((await ask('HEAD', '/health')).status).toBe(200);
  });

  test.for(['/', '/health', '/more', '/nothing'])(
    'a caller that uses a foreign host name reads nothing: %s',
    async (path) => {
      const asked = (host: string, more: Record<string, string> = {}): Promise<Answered> =>
        ask('GET', path, { headers: { host, ...more } });
      expect((await asked('rebound.example')).status).toBe(403);
      expect((await asked('127.0.0.1.rebound.example')).status).toBe(403);
      expect((await asked('rebound.example', GUESSED)).status).toBe(403);
      for (const host of ['127.0.0.1', 'localhost', `localhost:${port}`, '[::1]'])
        expect((await asked(host)).status, host).not.toBe(403);
      // A worker that wants to join asks for a proof, under any name by which it knows the driver.
      const joining = await asked('driver.example', { [CHALLENGE_HEADER]: drawChallenge() });
      expect(joining.status).toBe(path === '/health' ? 200 : 403);
    },
  );

  test('a caller without the token may read the public routes', async () => {
    expect(await ask('GET', '/more')).toMatchObject({ status: 200, body: 'more' });
    expect((await ask('HEAD', '/more')).status).toBe(200);
    expect((await ask('GET', '/nothing')).status).toBe(404);
    expect((await ask('GET', '/%zz')).status).toBe(400);
  });
});

describe('with the token', () => {
  test('a caller with the token sees which run it is', async () => {
    const { status, body } = await tell('GET', '/health');
    expect(status).toBe(200);
    expect(v.parse(DriverHealth, JSON.parse(body))).toEqual({
      protocol: PROTOCOL,
      pid: process.pid,
      role: 'driver',
      runId: 'run-1',
    });
  });

  test('a worker joins, repeats its notice, and leaves', async () => {
    for (let time = 0; time < 2; time++) {
      expect(await tell('PUT', '/workers/brave-otter-42', NOTICE)).toMatchObject({ status: 204, body: '' });
    }
    expect([...members.values()]).toMatchObject([{ name: 'brave-otter-42', pid: process.pid, state: 'here' }]);
    for (let time = 0; time < 2; time++) {
      expect((await tell('DELETE', '/workers/brave-otter-42')).status).toBe(204);
    }
    expect([...members.values()]).toMatchObject([{ state: 'left' }]);
  });

  test('a worker does not get the name of another worker', async () => {
    await tell('PUT', '/workers/brave-otter-42', NOTICE);
    const { status, body } = await tell('PUT', '/workers/brave-otter-42', { ...NOTICE, pid: process.pid + 1 });
    expect(status).toBe(409);
    expect(body).toContain(`belongs to process ${process.pid}`);
    expect([...members.values()]).toMatchObject([{ pid: process.pid }]);
  });

  test.for([
    ['another protocol', { ...NOTICE, protocol: 'http-mapreduce/1' }],
    ['no pid', { ...NOTICE, pid: undefined }],
    ['a pid that is text', { ...NOTICE, pid: '1' }],
    ['no port', { ...NOTICE, port: 0 }],
    ['a port that is too high', { ...NOTICE, port: 65_536 }],
    ['no host', { ...NOTICE, host: '' }],
    ['an unknown state', { ...NOTICE, state: 'dead' }],
    ['an unknown field', { ...NOTICE, url: 'http://example.org' }],
    ['a list', [NOTICE]],
    ['null', null],
  ] as const)('a notice with %s is refused with 400', async ([, body]) => {
    expect((await tell('PUT', '/workers/brave-otter-42', body)).status).toBe(400);
    expect([...members.values()]).toEqual([]);
  });

  test('a notice that is not JSON, has a bad name, or is too long is refused', async () => {
    const put = (path: string, body: string): Promise<HttpAnswer> => connection.request({ method: 'PUT', path, body });
    expect((await put('/workers/brave-otter-42', '{')).status).toBe(400);
    expect((await put('/workers/brave-otter-42', '')).status).toBe(400);
    for (const name of ['brave_otter', 'a%20b', '%2e%2e', 'x'.repeat(41)]) {
      expect((await put(`/workers/${name}`, JSON.stringify(NOTICE))).status, name).toBe(400);
      expect((await tell('DELETE', `/workers/${name}`)).status, name).toBe(400);
    }
    const long = JSON.stringify({ ...NOTICE, host: 'x'.repeat(MAX_BODY_BYTES) });
    expect((await put('/workers/brave-otter-42', long)).status).toBe(413);
    expect([...members.values()]).toEqual([]);
  });

  test.for(['/', '/health', '/more', '/workers', '/status'])(
    'a caller with the token can change nothing else: %s',
    async (path) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expect.soft((await tell(method, path, NOTICE)).status, method).toBe(405);
      }
      expect.soft((await tell('POST', '/workers/brave-otter-42', NOTICE)).status).toBe(405);
    },
  );
});
