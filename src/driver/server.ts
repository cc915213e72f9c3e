// The driver's HTTP side. Anybody on this machine may read; with the token, workers may join and leave, and nothing else
// can be changed from here: any other method than GET and HEAD is refused, whatever the path.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';

import { fixedToken, newServer, refuseStranger, refuseUrl, showsToken } from '../http-server.ts';
import { type DriverGreeting, type DriverHealth, PROTOCOL, WorkerName, WorkerNotice } from '../protocol.ts';
import type { Registry } from './registry.ts';

export interface DriverServerOptions {
  readonly token: string;
  readonly runId: string;
  readonly registry: Registry;
}

/** A server that does not listen yet: more routes may be added. */
export function driverServer({ token, runId, registry }: DriverServerOptions): FastifyInstance {
  const shared = fixedToken(token);
  const server = newServer((request, reply) => {
    if (isReading(request)) refuseUrl(request, reply);
    else void refuseMethod(reply);
  });

  server.addHook('onRequest', (request, reply, allow) => {
    if (isReading(request) || (!request.is404 && showsToken(request, shared))) allow();
    else void refuseMethod(reply);
  });

  server.get('/health', (request, reply): DriverHealth | FastifyReply => {
    if (showsToken(request, shared)) return { protocol: PROTOCOL, pid: process.pid, role: 'driver', runId };
    const greeting: DriverGreeting = { role: 'driver', protocol: PROTOCOL };
    return refuseStranger(request, reply, shared, greeting);
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
