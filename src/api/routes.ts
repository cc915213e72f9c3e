// Adds the routes that show the run to the driver's server: the page at `/`, `/status`, `/events` and `/metrics`. None of them changes
// anything. The code that folds the run is loaded on the first request: a run that nobody looks at does not pay for it.

import type { FastifyInstance } from 'fastify';

import type { EventStream } from './event-stream.ts';
import { livePage, PAGE_HEADERS } from '../files/page-file.ts';
import type { RunView } from '../view/fold.ts';
import type { LiveRun } from '../view/live-run.ts';
import { STREAM_HEADERS } from './event-headers.ts';

export interface RouteOptions {
  /** Whether the page is served. */
  readonly dashboard: boolean;
}

/** Adds the routes to a server that is not listening yet. */
export function addRoutes(server: FastifyInstance, run: LiveRun, { dashboard }: RouteOptions): void {
  const elapsedMs = (view: RunView): number => run.nowMs() - view.startedAt;
  let stream: EventStream | undefined;
  if (dashboard) server.get('/', (_request, reply) => reply.headers(PAGE_HEADERS).send(livePage()));
  server.get('/status', async (_request, reply) => {
    const [view, { statusOf }] = await Promise.all([run.openView(), import('./status.ts')]);
    return reply.header('cache-control', 'no-store').send(statusOf(view.record, elapsedMs(view)));
  });
  server.get('/events', async (request, reply) => {
    if (request.method === 'HEAD') return reply.headers(STREAM_HEADERS).send();
    const [view, { EventStream }] = await Promise.all([run.openView(), import('./event-stream.ts')]);
    stream ??= new EventStream(view, () => run.nowMs());
    reply.hijack();
    stream.add(reply.raw);
    return reply;
  });
  server.get('/metrics', async (_request, reply) => {
    const [view, { metricsOf }] = await Promise.all([run.openView(), import('./metrics.ts')]);
    const { type, text } = await metricsOf(view.record, elapsedMs(view));
    return reply.type(type).send(text);
  });
  server.addHook('preClose', async () => stream?.end());
}
