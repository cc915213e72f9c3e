// The HTTP server of a worker: checks that requests are signed and valid, runs attempts, streams progress and results.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';

import { refuseStranger, SignedRequests } from '../wire/check-token.ts';
import { newServer } from '../wire/http-server.ts';
import type { TokenSource } from '../wire/token-proof.ts';
import { type Health, PROTOCOL, TaskRequest } from '../protocol.ts';
import type { TaskKind } from '../task-ids.ts';
import type { Executor } from './executor.ts';
import { answerTask } from './task-answer.ts';

export interface ServerOptions {
  readonly token: TokenSource;
  /** The message for a request that is not signed. Default: that the token is another one. */
  readonly refusal?: (() => string | undefined) | undefined;
  readonly executor: Executor;
  /** Whether it accepts no more tasks, because it is about to end. */
  readonly isLeaving?: () => boolean;
  /** Called after an attempt has ended and its response has been sent, or its connection has closed. */
  readonly onTaskEnd?: () => void;
}

export function workerServer(options: ServerOptions): FastifyInstance {
  const { token, executor, refusal } = options;
  const server = newServer();
  const signed = new SignedRequests(server, 'worker', token);

  server.addHook('onRequest', (request, reply, allow) => {
    if (signed.has(request)) allow();
    else void refuseStranger(reply, refusal?.());
  });

  server.get('/health', (): Health => ({
    protocol: PROTOCOL,
    pid: process.pid,
    state: executor.busy ? 'busy' : 'idle',
  }));

  for (const kind of ['map', 'reduce'] as const) {
    server.post(`/${kind}`, (request, reply) => serveTask(options, kind, request, reply));
  }
  return server;
}

function serveTask(
  { executor, isLeaving, onTaskEnd }: ServerOptions,
  kind: TaskKind,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const parsed = v.safeParse(TaskRequest, request.body);
  if (!parsed.success) return reply.code(400).send({ message: v.summarize(parsed.issues) });
  if (isLeaving?.() === true) return reply.code(409).send({ message: 'this worker is leaving' });
  if (executor.busy) return reply.code(409).send({ message: 'this worker runs another attempt' });
  // From here on we write the response: Fastify would pipe a stream into it, which costs as much as a small task.
  reply.hijack();
  void answerTask(executor, { kind, request: parsed.output }, reply.raw).then(onTaskEnd);
  return undefined;
}
