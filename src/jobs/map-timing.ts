import { setTimeout as delay } from 'node:timers/promises';

import { defineJob, type Emit } from 'http-mapreduce';

interface Span {
  readonly task: string;
  readonly fromMs: number;
  readonly toMs: number;
}

let timed = '';

export default defineJob({
  name: 'map-timing',
  description: 'how many map tasks ran at the same time; each takes at least --param ms=500',
  params: { ms: 500 },
  async map(_line: string, emit: Emit<Span>, { task, attempt, params }) {
    if (attempt === timed) return;
    timed = attempt;
    const fromMs = Date.now();
    await delay(params.ms);
    emit('map tasks at the same time', { task, fromMs, toMs: Date.now() });
  },
  reduce(_key, values) {
    const spans = [...values];
    const runningAt = (ms: number): number => spans.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs).length;
    return Math.max(...spans.map(({ fromMs }) => runningAt(fromMs)));
  },
});
