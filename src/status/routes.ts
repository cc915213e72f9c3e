// What the driver's server shows of the run: the page at `/`, `/status`, `/events` and `/metrics`. All of it is for reading.
// What folds the run is loaded when somebody asks: a run that nobody looks at does not pay for it.

import type { FastifyInstance, FastifyReply } from 'fastify';

import type { EventStream } from './event-stream.ts';
import { livePage, PAGE_HEADERS } from './page-file.ts';
import type { RunView } from './run-view.ts';

export interface RouteOptions {
  /** The view of the run, from now on up to date. */
  readonly openView: () => Promise<RunView>;
  /** Whether the page is there. */
  readonly dashboard: boolean;
}

/** Adds the routes to a server that does not listen yet. */
export function addRoutes(server: FastifyInstance, { openView, dashboard }: RouteOptions): void {
  let stream: EventStream | undefined;
  // In a context of its own, so that the hook is for these routes only.
  void server.register(async (routes) => {
    routes.addHook('onRequest', async (request, reply) => {
      if (!isOurName(request.hostname)) await refuseName(reply);
    });
    if (dashboard) routes.get('/', (_request, reply) => reply.headers(PAGE_HEADERS).send(livePage()));
    routes.get('/status', async (_request, reply) => {
      const [view, { statusOf }] = await Promise.all([openView(), import('./status.ts')]);
      return reply.header('cache-control', 'no-store').send(statusOf(view.record, nowMs(view)));
    });
    routes.get('/events', async (_request, reply) => {
      const [view, { EventStream }] = await Promise.all([openView(), import('./event-stream.ts')]);
      stream ??= new EventStream(view);
      reply.hijack();
      stream.add(reply.raw);
    });
    routes.get('/metrics', async (_request, reply) => {
      const [view, { metricsOf }] = await Promise.all([openView(), import('./metrics.ts')]);
      const { type, text } = await metricsOf(view.record, nowMs(view));
      return reply.type(type).send(text);
    });
  });
  server.addHook('preClose', async () => stream?.end());
}

function nowMs(view: RunView): number {
  return Date.now() - view.startedAt;
}

/** A page elsewhere whose name has come to mean this machine reads nothing here. */
function isOurName(hostname: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]', '::1'].includes(hostname);
}

function refuseName(reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ message: 'expected a request to 127.0.0.1 or localhost, found another name' });
}
