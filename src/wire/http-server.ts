// The HTTP server as driver and worker have it: light to load, on 127.0.0.1 only, and it knows which requests are signed.

import type { Socket } from 'node:net';

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import { codeOf } from '../errors.ts';
import {
  CHALLENGE_HEADER,
  ConnectionKey,
  digestOf,
  type Listener,
  PROOF_HEADER,
  SIGNATURE_HEADER,
  type TokenSource,
} from './token-proof.ts';
import { MAX_BODY_BYTES } from '../protocol.ts';

const HOST = '127.0.0.1';
/** The digest of a request without a body. */
const NO_BODY = digestOf('');

/** `onBadUrl` answers requests whose path cannot be read, which come to no hook and no route. */
export function newServer(onBadUrl: Answering = refuseUrl): FastifyInstance {
  return fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: (_error, request, reply) => onBadUrl(request as FastifyRequest, reply as FastifyReply),
  });
}

type Answering = (request: FastifyRequest, reply: FastifyReply) => void;

export function refuseUrl(_request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(400).send({ message: 'expected a path that can be read, found another' });
}

/** No route has a schema of Fastify's own. Its compilers of them, loaded where none are given, are half of what it loads. */
function noCompiler(): never {
  throw new Error('expected no route with a JSON schema, found one');
}

/** Listens on a port; `false` where something else does. A server that could not may try another port. */
export async function listenOn(server: FastifyInstance, port: number): Promise<boolean> {
  try {
    await server.listen({ port, host: HOST });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return false;
    throw error;
  }
}

/**
 * Knows the requests to a server that come from somebody who has the token, as `wire/proof.ts` says. To make before any other
 * hook of the server. A connection proves itself once; the first request with a wrong signature is its last.
 */
export class SignedRequests {
  readonly #listener: Listener;
  readonly #token: TokenSource;
  /** Undefined for a connection whose key must not be used any more. */
  readonly #keys = new WeakMap<Socket, ConnectionKey | undefined>();
  /** What the body's digest must be. */
  readonly #digests = new WeakMap<FastifyRequest, string>();

  constructor(server: FastifyInstance, listener: Listener, token: TokenSource) {
    this.#listener = listener;
    this.#token = token;
    server.addHook('onRequest', (request, reply, next) => {
      this.#prove(request, reply);
      this.#verify(request);
      next();
    });
    server.addHook('preValidation', (request, reply, next) => {
      if (request.body === undefined && (this.#digests.get(request) ?? NO_BODY) !== NO_BODY) void refuseStranger(reply);
      else next();
    });
    this.#readOnlyJson(server);
  }

  /** Whether a request is signed by a holder of the token, for this connection and the first time. */
  has(request: FastifyRequest): boolean {
    return this.#digests.has(request);
  }

  /** Answers a challenge in a header of the answer, whatever else is answered. */
  #prove({ headers, raw }: FastifyRequest, reply: FastifyReply): void {
    const challenge = headers[CHALLENGE_HEADER];
    if (typeof challenge !== 'string' || raw.url !== '/health' || this.#keys.has(raw.socket)) return;
    const answer = ConnectionKey.answering(this.#token.current(), this.#listener, raw.socket, challenge);
    this.#keys.set(raw.socket, answer?.key);
    if (answer !== undefined) reply.header(PROOF_HEADER, answer.proof);
  }

  #verify(request: FastifyRequest): void {
    const { raw, method } = request;
    const signature = request.headers[SIGNATURE_HEADER];
    if (typeof signature !== 'string') return;
    const digest = this.#keys.get(raw.socket)?.verify(method, raw.url ?? '', signature);
    if (digest === undefined) this.#keys.set(raw.socket, undefined);
    else this.#digests.set(request, digest);
  }

  /** Only who signs has something to tell, and that is JSON. */
  #readOnlyJson(server: FastifyInstance): void {
    const parse = server.getDefaultJsonParser('error', 'error');
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
      const expected = this.#digests.get(request);
      if (expected !== undefined && digestOf(body) === expected) return void parse(request, body, done);
      return done(Object.assign(new Error(NOT_SIGNED), { statusCode: 401 }), undefined);
    });
  }
}

const NOT_SIGNED = 'expected a request that is signed with the token that driver and workers share, found another';

export function refuseStranger(reply: FastifyReply, message = NOT_SIGNED): FastifyReply {
  return reply.code(401).send({ message });
}
