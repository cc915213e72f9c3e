import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { RunSummary } from '../../../src/view/summary.ts';
import {
  chunksWritten,
  closed,
  committed,
  done,
  failed,
  lost,
  ready,
  SMALL,
  succeeded,
  Told,
  tellRun,
} from '../../fixtures/told-run.ts';

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

test('a summary has the duration of each phase and what went in and out', () => {
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
    '  slowest map-0: 0.75 s, 1.5 times the median',
    '  counter lines: 1,234',
    '  counter odd: 1',
    '  counter keys: 1',
  ]);
});

test('failures are listed with their causes, and the counters of attempts that were not committed do not count', () => {
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
  expect(summary.lines().slice(3)).toEqual([
    '  counter lines: 7',
    '  on the way: 1 worker lost, 1 attempt failed',
    '    1 time: boom',
    '    1 time: its process ended with SIGKILL',
    '    retries: 2',
  ]);
  expect(summary.counters.get('lines')).toBe(7);
  expect(summary.map.recordsIn).toBe(7);
});

test('causes are counted, the most frequent first, and those beyond five together', () => {
  const summary = new RunSummary(0);
  const messages = ['a', 'b', 'b', 'c', 'd', 'e', 'f', 'g'];
  tellRun({ ...options, mapCount: messages.length, maxAttempts: 100 }, summary, [
    [0, chunksWritten],
    [0, ready(1)],
    ...messages.map((message): [number, Event] => [1, failed('map-0.1', { message: `${message}\nat a line` })]),
  ]);
  // The scheduler ignores the failures that it does not expect. Their causes count all the same.
  expect(summary.lines().filter((line) => line.startsWith('    '))).toEqual([
    '    2 times: b',
    '    1 time: a',
    '    1 time: c',
    '    1 time: d',
    '    1 time: e',
    '    2 times: other causes',
    '    retries: 1',
  ]);
});

test('the slowest task of each phase is compared with the median, if there are at least two tasks', () => {
  const summary = new RunSummary(0);
  tellRun({ ...options, mapCount: 3, reduceCount: 2, workerCount: 3, backup: false }, summary, [
    [0, chunksWritten],
    ...[1, 2, 3].map((worker): [number, Event] => [1000, ready(worker)]),
    [1200, succeeded('map-1.1')],
    [1200, committed('map-1.1')],
    [1300, succeeded('map-0.1')],
    [1300, committed('map-0.1')],
    [2230, succeeded('map-2.1')],
    [2230, committed('map-2.1')],
    [2300, succeeded('reduce-0.1')],
    [2300, committed('reduce-0.1')],
    [2430, succeeded('reduce-1.1')],
    [2430, committed('reduce-1.1')],
  ]);
  expect(summary.slowest('map')).toEqual({ task: 'map-2', durationMs: 1230, medianMs: 300 });
  expect(summary.slowest('reduce')).toEqual({ task: 'reduce-1', durationMs: 200, medianMs: 135 });
  expect(summary.lines()).toContain(
    '  slowest map-2: 1.23 s, 4.1 times the median; reduce-1: 0.20 s, 1.5 times the median',
  );
});

test('a run that ends before a phase does has no negative durations', () => {
  const summary = new RunSummary(1000);
  tellRun(options, summary, [
    [2000, chunksWritten],
    [3000, { type: 'interrupted', signal: 'SIGINT' }],
  ]);
  expect(summary.map.durationMs).toBe(0);
});

test('of many counters the first 20 are shown, and the others are counted', () => {
  const counters = Array.from({ length: 200 }, (_, at): [string, number] => [
    at === 3 ? 'a\nb\u001b[31m' : `c${at}`,
    at,
  ]);
  const told = new Told({ mapCount: 1, workerCount: 1 });
  const summary = new RunSummary(0);
  for (const event of [chunksWritten, ready(1), ...done('map-0.1', { counters }), ...done('reduce-0.1'), ...closed]) {
    summary.observe(0, event, told.scheduler.handle(event, 0), told.scheduler.state);
  }
  const lines = summary.lines().filter((line) => line.includes('counter'));
  expect(lines).toHaveLength(21);
  expect(lines[0]).toBe('  counter c0: 0');
  expect(lines[3]).toBe('  counter a\\nb\\x1b[31m: 3');
  expect(lines[20]).toBe('  … and 180 more counters; --json has all');
  expect(summary.counters.size).toBe(200);
});
