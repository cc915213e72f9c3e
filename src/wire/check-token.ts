// Checks that requests come from a holder of the token: proves ours to a caller that asks, and verifies each signature.
// `token-proof.ts` has the cryptography.

import type { Socket } from 'node:net';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import {
  CHALLENGE_HEADER,
  ConnectionKey,
  digestOf,
  type Listener,
  PROOF_HEADER,
  SIGNATURE_HEADER,
  type TokenSource,
} from './token-proof.ts';

/** The digest of a request without a body. */
const NO_BODY = digestOf('');

/**
 * Knows which requests to a server are signed by a holder of the token. Must be created before any other hook of the server.
 * A connection is proved once; the first request with a wrong signature is the last that is accepted on it.
 */
export class SignedRequests {
  readonly #listener: Listener;
  readonly #token: TokenSource;
  /** Undefined for a connection whose key must not be used any more. */
  readonly #keys = new WeakMap<Socket, ConnectionKey | undefined>();
  /** The digest that the body of a signed request must have. */
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

  /** Whether a request is signed by a holder of the token, for this connection, and is not a repetition. */
  has(request: FastifyRequest): boolean {
    return this.#digests.has(request);
  }

  /** If the request carries a challenge, the reply proves that we hold the token, whatever its status. */
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

  /** Only signed requests may have a body, and it must be JSON. */
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

/** Rejects an unauthenticated request with 401. */
export function refuseStranger(reply: FastifyReply, message = NOT_SIGNED): FastifyReply {
  return reply.code(401).send({ message });
}
