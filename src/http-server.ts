// The HTTP server as driver and worker have it: light to load, on 127.0.0.1 only, and it knows who has the token.

import { timingSafeEqual } from 'node:crypto';

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import { codeOf } from './errors.ts';
import { CHALLENGE_HEADER, MAX_BODY_BYTES, PROOF_HEADER, proofOf } from './protocol.ts';

const HOST = '127.0.0.1';

/** The token that driver and workers share. */
export interface TokenSource {
  /** As it is now; empty where there is none. */
  current(): string;
  /** Whether this is the token, also one that was made since it was last looked up. */
  is(token: string): boolean;
}

/** A token that does not change. */
export function fixedToken(token: string): TokenSource {
  return { current: () => token, is: (other) => sameToken(other, token) };
}

/** An empty token is none. Two tokens are compared in a time that does not tell how far they agree. */
export function sameToken(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}

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

export function showsToken(request: FastifyRequest, token: TokenSource): boolean {
  const [, given] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  return given !== undefined && token.is(given);
}

/** Answers who has not shown the token; where he asked with a challenge, with the proof that we have it. */
export function refuseStranger(request: FastifyRequest, reply: FastifyReply, token: TokenSource): FastifyReply {
  const challenge = request.headers[CHALLENGE_HEADER];
  if (typeof challenge === 'string') reply.header(PROOF_HEADER, proofOf(token.current(), challenge));
  const message = 'expected the token that driver and workers share, found another or none';
  return reply.code(401).send({ message });
}
