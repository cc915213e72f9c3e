import { expect, test } from 'vitest';

import { traceText } from '../../../src/files/trace.ts';
import { troubledRun } from '../../fixtures/troubled-run.ts';

test('a trace has one slice per attempt, its phases inside it, and the names of the workers', () => {
  const { traceEvents } = JSON.parse(traceText(troubledRun().view.record)) as {
    traceEvents: Record<string, unknown>[];
  };
  expect(traceEvents).toContainEqual({ name: 'thread_name', ph: 'M', pid: 1, tid: 1, args: { name: 'worker 1' } });
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  expect(slices.find(({ name }) => name === 'map-0.2')).toMatchObject({
    tid: 1,
    ts: 1_500_000,
    dur: 1_500_000,
    cat: 'map,won',
  });
  expect(slices.filter(({ cat }) => cat === 'phase')).toMatchObject([
    { name: 'read', ts: 1_500_000, dur: 500_000 },
    { name: 'map', ts: 2_000_000, dur: 1_000_000 },
  ]);
});
