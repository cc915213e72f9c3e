import { Agent, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { refuseStranger, SignedRequests } from '../../../src/wire/check-token.ts';
import { listenOn, newServer } from '../../../src/wire/http-server.ts';
import {
  CHALLENGE_HEADER,
  ConnectionKey,
  drawChallenge,
  fixedToken,
  PROOF_HEADER,
  SIGNATURE_HEADER,
} from '../../../src/wire/token-proof.ts';

const TOKEN = 'a-token-of-this-test';

interface Answer {
  readonly status: number;
  readonly proof: unknown;
  readonly socket: Socket;
}

interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A caller that makes requests by hand, all over one connection. */
class Caller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  #key: ConnectionKey | undefined;

  constructor(port: number) {
    this.#port = port;
    onTestFinished(() => this.#agent.destroy());
  }

  ask({ method = 'POST', path = '/told', body = '', headers = {} }: Question): Promise<Answer> {
    const own = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const asked = request({ port: this.#port, host: '127.0.0.1', method, path, agent: this.#agent });
      for (const [name, value] of Object.entries(body === '' ? headers : { ...own, ...headers })) {
        asked.setHeader(name, value);
      }
      asked.once('error', reject).once('response', (answer) => {
        const { statusCode: status = 0, headers, socket } = answer;
        void text(answer).then(() => resolve({ status, proof: headers[PROOF_HEADER], socket }));
      });
      asked.end(body);
    });
  }

  /** Lets the listener prove itself. */
  async meet(token = TOKEN): Promise<this> {
    const challenge = drawChallenge();
    const asked = { method: 'GET', path: '/health', headers: { [CHALLENGE_HEADER]: challenge } };
    const { proof, socket } = await this.ask(asked);
    this.#key = ConnectionKey.proved(token, 'worker', socket, challenge, proof);
    return this;
  }

  get hasProof(): boolean {
    return this.#key !== undefined;
  }

  sign({ method = 'POST', path = '/told', body = '' }: Question): Question {
    return { method, path, body, headers: { [SIGNATURE_HEADER]: this.#key!.sign(method, path, body) } };
  }
}

/** A server that collects the bodies of signed requests. */
async function listening(token = TOKEN): Promise<{ port: number; told: unknown[] }> {
  const server = newServer();
  const signed = new SignedRequests(server, 'worker', fixedToken(token));
  const told: unknown[] = [];
  server.addHook('onRequest', (request, reply, next) => {
    if (signed.has(request)) next();
    else void refuseStranger(reply);
  });
  for (const path of ['/told', '/other']) {
    server.route({ method: ['POST', 'PUT'], url: path, handler: (request) => told.push(request.body) && 'heard' });
  }
  onTestFinished(() => server.close());
  await listenOn(server, 0);
  return { port: (server.server.address() as AddressInfo).port, told };
}

const BODY = '{"do":"this"}';

test('a signed request is accepted once: not again, neither on its connection nor on another', async () => {
  const { port, told } = await listening();
  const caller = await new Caller(port).meet();
  const signed = caller.sign({ body: BODY });
  expect((await caller.ask(signed)).status).toBe(200);
  expect((await caller.ask(signed)).status, 'again').toBe(401);
  expect((await new Caller(port).ask(signed)).status, 'without a proof').toBe(401);
  expect((await (await new Caller(port).meet()).ask(signed)).status, 'on a connection that is proved').toBe(401);
  expect(told).toEqual([{ do: 'this' }]);
});

test('requests that arrive in another order than they were signed in are refused from there on', async () => {
  const { port, told } = await listening();
  const caller = await new Caller(port).meet();
  const [first, second, third] = [1, 2, 3].map((number) => caller.sign({ body: `${number}` }));
  expect((await caller.ask(second!)).status, 'a number may be left out').toBe(200);
  expect((await caller.ask(first!)).status).toBe(401);
  expect((await caller.ask(third!)).status, 'nothing is believed after a wrong signature').toBe(401);
  expect(told).toEqual([2]);
  expect((await (await caller.meet()).ask({ body: BODY })).proof, 'a connection proves itself once').toBeUndefined();
  expect(caller.hasProof).toBe(false);
});

test.for([
  ['another body', { body: '{"do":"that"}' }],
  ['no body', { body: '' }],
  ['another path', { path: '/other' }],
  ['another path to the same place', { path: '/told?' }],
  ['another method', { method: 'PUT' }],
  ['no signature', { headers: {} }],
  ['half a signature', { headers: { [SIGNATURE_HEADER]: '1.' } }],
  ['the token as a signature', { headers: { [SIGNATURE_HEADER]: TOKEN } }],
  ['the token as it used to be', { headers: { authorization: `Bearer ${TOKEN}` } }],
  ['a body that is no JSON type', { headers: { 'content-type': 'text/plain' } }],
] as const)('a request with %s is not accepted', async ([, changes]) => {
  const { port, told } = await listening();
  const caller = await new Caller(port).meet();
  const signed = caller.sign({ body: BODY });
  const headers =
    'headers' in changes && 'content-type' in changes.headers ? { ...signed.headers, ...changes.headers } : undefined;
  const { status } = await caller.ask({ ...signed, ...changes, ...(headers === undefined ? {} : { headers }) });
  expect([401, 415]).toContain(status);
  expect(told).toEqual([]);
});

test('a server without a token proves nothing, and accepts no requests', async () => {
  const { port, told } = await listening('');
  for (const token of ['', TOKEN]) expect((await new Caller(port).meet(token)).hasProof).toBe(false);
  expect((await new Caller(port).ask({ body: BODY })).status).toBe(401);
  expect(told).toEqual([]);
});

test.for(['', 'short', 'x'.repeat(25), 'not a challenge at all!!'])('%j is not a challenge', async (challenge) => {
  const { port } = await listening();
  const asked = { method: 'GET', path: '/health', headers: { [CHALLENGE_HEADER]: challenge } };
  expect((await new Caller(port).ask(asked)).proof).toBeUndefined();
});

test('a proof is bound to its connection: it is not valid for the same challenge on another', async () => {
  const { port } = await listening();
  const challenge = drawChallenge();
  const headers = { [CHALLENGE_HEADER]: challenge };
  const [one, other] = [new Caller(port), new Caller(port)];
  const { proof } = await one.ask({ method: 'GET', path: '/health', headers });
  const { socket } = await other.ask({ method: 'GET', path: '/health', headers });
  expect(ConnectionKey.proved(TOKEN, 'worker', socket, challenge, proof)).toBeUndefined();
});
