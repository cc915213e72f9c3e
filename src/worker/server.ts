// The worker's HTTP side: checks who asks and what for, runs the attempt, streams its progress and its result.

import { timingSafeEqual } from 'node:crypto';

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import * as v from 'valibot';

import {
  CHALLENGE_HEADER,
  type Health,
  MAX_BODY_BYTES,
  PROOF_HEADER,
  proofOf,
  PROTOCOL,
  type TaskKind,
  TaskRequest,
} from '../protocol.ts';
import type { Executor } from './executor.ts';
import { answerTask } from './task-answer.ts';

export interface ServerOptions {
  readonly token: TokenSource;
  readonly executor: Executor;
}

/** The token that driver and workers share. */
export interface TokenSource {
  /** As it is now; empty where there is none. */
  current(): string;
  /** Whether this is the token, also one that was made since it was last looked up. */
  is(token: string): boolean;
}

export function workerServer({ token, executor }: ServerOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  });

  server.addHook('onRequest', (request, reply, allow) => {
    const [, given] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && token.is(given)) return allow();
    const challenge = request.headers[CHALLENGE_HEADER];
    if (typeof challenge === 'string') reply.header(PROOF_HEADER, proofOf(token.current(), challenge));
    void reply.code(401).send({ message: 'expected the token that driver and workers share, found another or none' });
  });

  server.get('/health', (): Health => ({
    protocol: PROTOCOL,
    pid: process.pid,
    state: executor.busy ? 'busy' : 'idle',
  }));

  for (const kind of ['map', 'reduce'] as const) {
    server.post(`/${kind}`, (request, reply) => serveTask(executor, kind, request, reply));
  }
  return server;
}

/** No route has a schema of Fastify's own. Its compilers of them, loaded where none are given, are half of what it loads. */
function noCompiler(): never {
  throw new Error('expected no route with a JSON schema, found one');
}

/** An empty token is none. Two tokens are compared in a time that does not tell how far they agree. */
export function sameToken(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}

function serveTask(
  executor: Executor,
  kind: TaskKind,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const parsed = v.safeParse(TaskRequest, request.body);
  if (!parsed.success) return reply.code(400).send({ message: v.summarize(parsed.issues) });
  if (executor.busy) return reply.code(409).send({ message: 'this worker runs another attempt' });
  // From here on the answer is ours: Fastify would pipe a stream into it, which costs as much as a small task.
  reply.hijack();
  void answerTask(executor, { kind, request: parsed.output }, reply.raw);
  return undefined;
}
