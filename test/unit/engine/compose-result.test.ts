import * as v from 'valibot';
import { expect, test } from 'vitest';

import { resultOf, type RunFacts } from '../../../src/engine/compose-result.ts';
import { ResultSchema } from '../../fixtures/result-schema.ts';
import { RunSummary } from '../../../src/view/summary.ts';
import { chunksWritten, done, lost, ready, SMALL, tellRun } from '../../fixtures/told-run.ts';

const facts: RunFacts = {
  runId: '20260101T000000Z-abcdef',
  job: 'word-count',
  input: { files: 1, bytes: 6000 },
  workers: 2,
  outputs: ['/tmp/files/out/out-0'],
};

function summaryOf(...events: Parameters<typeof tellRun>[2]): RunSummary {
  const summary = new RunSummary(0);
  tellRun({ ...SMALL, backup: false }, summary, events);
  return summary;
}

test('a result has the figures of the summary and conforms to its schema', () => {
  const [first, ...rest] = [
    ...done('map-0.1', { recordsIn: 7, bytesIn: 70, counters: [['lines', 7]] }),
    ...done('map-1.2'),
  ];
  const summary = summaryOf(
    [10, chunksWritten],
    [10, ready(1)],
    [10, ready(2)],
    [20, lost(2)],
    [30, first],
    ...rest.map((event) => [40, event] as const),
    ...done('reduce-0.1').map((event) => [50, event] as const),
  );
  const result = resultOf({ outcome: 'done', durationMs: 50 }, { facts, summary });
  expect(v.parse(ResultSchema, JSON.parse(JSON.stringify(result)))).toEqual(result);
  expect(result).toMatchObject({
    ...facts,
    outcome: 'done',
    phases: {
      chunk: { durationMs: 10, chunks: 2 },
      map: { tasks: 2, recordsIn: 7, bytesIn: 70, slowest: { task: 'map-0' } },
      reduce: { durationMs: 10, tasks: 1 },
    },
    retries: {
      count: 1,
      workersLost: 1,
      attemptsFailed: 0,
      causes: [{ message: 'its process ended with SIGKILL', times: 1 }],
    },
    counters: { lines: 7 },
  });
});

test('a run that failed halfway has a result of the same shape, with the error', () => {
  const summary = summaryOf([10, chunksWritten], [20, { type: 'interrupted', signal: 'SIGINT' }]);
  const end = {
    outcome: 'interrupted',
    error: { kind: 'interrupted', exitCode: 130, message: 'by SIGINT' },
    durationMs: 20,
  } as const;
  const result = resultOf(end, { facts: { ...facts, outputs: [] }, summary });
  expect(v.parse(ResultSchema, JSON.parse(JSON.stringify(result)))).toEqual(result);
  expect(result).toMatchObject(end);
});

test('the result of a run that could not begin has only its end', () => {
  const end = { outcome: 'failed', error: { kind: 'usage', exitCode: 2, message: 'no' }, durationMs: 1 } as const;
  expect(v.parse(ResultSchema, resultOf(end, undefined))).toEqual(end);
});
