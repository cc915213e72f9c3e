import { setTimeout as delay } from 'node:timers/promises';

import { defineJob, type MapContext } from 'http-mapreduce';

interface Span {
  readonly task: string;
  readonly fromMs: number;
  readonly toMs: number;
}

let timed = '';

const params = { ms: 500 } as const;

export default defineJob({
  name: 'map-timing',
  description: 'how many map tasks ran at the same time; each takes at least --param ms=500',
  params,
  async map(_line: string, { emit, task, attempt, params: { ms } }: MapContext<Span, typeof params>) {
    if (attempt === timed) return;
    timed = attempt;
    const fromMs = Date.now();
    await delay(ms);
    emit('map tasks at the same time', { task, fromMs, toMs: Date.now() });
  },
  reduce(_key, values) {
    const spans = [...values];
    const runningAt = (ms: number): number => spans.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs).length;
    return Math.max(...spans.map(({ fromMs }) => runningAt(fromMs)));
  },
});
