// The driver's HTTP server. Every process of this machine may read. Workers that sign their requests may join and leave. Nothing
// else can be changed through it: any other method than GET and HEAD is refused, whatever the path.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';

import { refuseStranger, SignedRequests } from '../../wire/check-token.ts';
import { newServer, refuseUrl } from '../../wire/http-server.ts';
import { CHALLENGE_HEADER, fixedToken, SIGNATURE_HEADER } from '../../wire/token-proof.ts';
import { type DriverGreeting, type DriverHealth, PROTOCOL, WorkerName, WorkerNotice } from '../../protocol.ts';
import type { Registry } from './registry.ts';

const OUR_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

export interface DriverServerOptions {
  readonly token: string;
  readonly runId: string;
  readonly registry: Registry;
}

/** Creates a server that does not listen yet, so that more routes can be added. */
export function driverServer({ token, runId, registry }: DriverServerOptions): FastifyInstance {
  const server = newServer((request, reply) => {
    if (isReading(request)) refuseUrl(request, reply);
    else void refuseMethod(reply);
  });
  const signed = new SignedRequests(server, 'driver', fixedToken(token));

  server.addHook('onRequest', (request, reply, allow) => {
    if (!isReading(request)) {
      if (!request.is404 && signed.has(request)) allow();
      else void refuseMethod(reply);
    } else if (isMeant(request) || signed.has(request)) allow();
    else void refuseHost(reply);
  });

  server.get('/health', (request, reply): DriverHealth | DriverGreeting | FastifyReply => {
    if (signed.has(request)) return { protocol: PROTOCOL, pid: process.pid, role: 'driver', runId };
    if (SIGNATURE_HEADER in request.headers) return refuseStranger(reply);
    return { role: 'driver', protocol: PROTOCOL, status: 'ok' };
  });

  server.put('/workers/:name', (request, reply) => {
    const name = nameIn(request);
    if (name === undefined) return refuseName(reply);
    const notice = v.safeParse(WorkerNotice, request.body);
    if (!notice.success) return reply.code(400).send({ message: v.summarize(notice.issues) });
    const refusal = registry.heard(name, notice.output);
    return refusal === undefined ? reply.code(204).send() : reply.code(409).send({ message: refusal });
  });

  server.delete('/workers/:name', (request, reply) => {
    const name = nameIn(request);
    if (name === undefined) return refuseName(reply);
    registry.left(name);
    return reply.code(204).send();
  });
  return server;
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * Whether a request was meant for this server by its host name. If not, it may come from a web page whose name was made to
 * resolve to this machine (DNS rebinding). Workers may know us by another name.
 */
function isMeant({ hostname, headers, routeOptions }: FastifyRequest): boolean {
  return OUR_NAMES.has(hostname) || (routeOptions.url === '/health' && CHALLENGE_HEADER in headers);
}

function refuseHost(reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ message: 'expected a request to 127.0.0.1 or localhost, found another name' });
}

function refuseMethod(reply: FastifyReply): FastifyReply {
  return reply
    .code(405)
    .header('allow', 'GET, HEAD')
    .send({ message: 'expected GET or HEAD: this server is for reading' });
}

function nameIn(request: FastifyRequest): string | undefined {
  const { name } = request.params as { name: string };
  return v.is(WorkerName, name) ? name : undefined;
}

function refuseName(reply: FastifyReply): FastifyReply {
  return reply.code(400).send({ message: 'expected a name of 1 to 40 letters, digits and -, found another' });
}
