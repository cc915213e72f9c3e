// Creates the HTTP server of driver and worker: quick to load, and listening on 127.0.0.1 only.

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import { codeOf } from '../errors.ts';
import { MAX_BODY_BYTES } from '../protocol.ts';
import { HOST } from './address.ts';

/** `onBadUrl` answers requests whose path cannot be decoded. Fastify passes them to no hook and no route. */
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

/** No route has a JSON schema. Fastify's schema compilers, which it loads unless it is given others, are half of what it loads. */
function noCompiler(): never {
  throw new Error('expected no route with a JSON schema, found one');
}

/** Listens on a port. Returns `false` if the port is in use: the same server may then try another port. */
export async function listenOn(server: FastifyInstance, port: number): Promise<boolean> {
  try {
    await server.listen({ port, host: HOST });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return false;
    throw error;
  }
}
