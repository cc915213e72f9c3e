import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { RunSummary } from '../../../src/status/summary.ts';
import { chunksWritten, committed, failed, lost, ready, SMALL, succeeded, tellRun } from '../../fixtures/told-run.ts';

const options = { ...SMALL, workerCount: 1, maxRespawns: 3 };

const wholeRun: (readonly [number, Event])[] = [
  [1100, ready(1)],
  [1250, chunksWritten],
  [
    2000,
    succeeded('map-0.1', {
      recordsIn: 1000,
      bytesIn: 5000,
      recordsOut: 10,
      bytesOut: 100,
      spills: 2,
      counters: [
        ['lines', 1000],
        ['odd', 1],
      ],
    }),
  ],
  [2000, committed('map-0.1')],
  [
    2100,
    succeeded('map-1.1', { recordsIn: 234, bytesIn: 1000, recordsOut: 5, bytesOut: 50, counters: [['lines', 234]] }),
  ],
  [2250, committed('map-1.1')],
  [
    3000,
    succeeded('reduce-0.1', { recordsIn: 15, bytesIn: 150, recordsOut: 1, bytesOut: 12, counters: [['keys', 1]] }),
  ],
  [3250, committed('reduce-0.1')],
];

test('a summary says how long each phase took and what went in and out', () => {
  const summary = new RunSummary(1000);
  tellRun(options, summary, wholeRun);
  expect(summary.durationMs).toBe(2250);
  expect(summary.map).toEqual({
    durationMs: 1000,
    tasks: 2,
    recordsIn: 1234,
    bytesIn: 6000,
    recordsOut: 15,
    bytesOut: 150,
    spills: 2,
  });
  expect(summary.reduce).toMatchObject({ durationMs: 1000, tasks: 1, recordsIn: 15, recordsOut: 1, bytesOut: 12 });
});

test('counters are added up over all committed tasks', () => {
  const summary = new RunSummary(1000);
  tellRun(options, summary, wholeRun);
  expect(Object.fromEntries(summary.counters)).toEqual({ lines: 1234, odd: 1, keys: 1 });
});

test('the lines of a summary', () => {
  const summary = new RunSummary(1000);
  tellRun(options, summary, wholeRun);
  expect(summary.lines()).toEqual([
    '  chunk     0.25 s  2 chunks, workers starting meanwhile',
    '  map       1.00 s  2 tasks: 1,234 records (6.00 kB) in, 15 pairs (150 B) out, 2 spills',
    '  reduce    1.00 s  1 task: 15 pairs (150 B) in, 1 line (12 B) out',
    '  counter lines: 1,234',
    '  counter odd: 1',
    '  counter keys: 1',
  ]);
});

test('trouble on the way is one more line, and attempts that came to nothing count nothing', () => {
  const summary = new RunSummary(0);
  tellRun({ ...options, mapCount: 1 }, summary, [
    [0, chunksWritten],
    [0, ready(1)],
    [1, failed('map-0.1')],
    [2, lost(1)],
    [3, succeeded('map-0.2', { recordsIn: 7, counters: [['lines', 7]] })],
    [3, ready(1)],
    [4, succeeded('map-0.3', { recordsIn: 7, counters: [['lines', 7]] })],
    [4, committed('map-0.3')],
    [5, succeeded('reduce-0.1')],
    [5, committed('reduce-0.1')],
  ]);
  expect(summary.lines().at(-1)).toBe('  on the way: 1 worker lost, 1 attempt failed');
  expect(summary.counters.get('lines')).toBe(7);
  expect(summary.map.recordsIn).toBe(7);
});
