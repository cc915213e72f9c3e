import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { statusBlock } from '../../../src/terminal/status-block.ts';
import { momentOf } from '../../../src/view/moment.ts';
import { done, lost, ready, SMALL } from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';

const bytes = [4_000_000, 4_000_000, 4_000_000, 4_000_000];
const chunks: Event = { type: 'chunks-written', bytes };
const options = { ...SMALL, mapCount: 4, backup: false };

function blockAt(run: ToldView, ms: number): string[] {
  return statusBlock(momentOf(run.view.record, ms));
}

test('a block describes how the run stands: workers, when they were seen, tasks, pace, and what it waits for', () => {
  const run = new ToldView(options)
    .tell(0, chunks, ready(1), ready(2))
    .tell(9000, ...done('map-0.1', { bytesIn: 4_000_000 }))
    .tell(9500, { type: 'attempt-progressed', attempt: 'map-1.1', records: 10, bytes: 1_000_000 });
  expect(blockAt(run, 10_000)).toEqual([
    'after 10.0 s: 2 busy',
    '  map     1 waiting, 2 running, 1 committed, 0 failed, 31 %, 28.0 s left, 450 kB/s',
    '  reduce  1 waiting, 0 running, 0 committed, 0 failed',
    '  worker 1  busy with map-2.1, 0 B read, running for 1.0 s; seen 1.0 s ago, process 4001',
    '  worker 2  busy with map-1.1, 1.00 MB read, running for 10.0 s, 25 % read; seen 0.50 s ago, process 4002',
    '  1 map task waits for a free worker; the oldest attempt is map-1.1 on worker 2, running for 10.0 s, 25 % read.',
  ]);

  run.tell(12_000, lost(2)).tell(15_000, ...done('map-2.1', { bytesIn: 4_000_000 }));
  expect(blockAt(run, 20_000)).toEqual([
    'after 20.0 s: 1 busy, 1 starting; 1 retry, 1 worker lost',
    '  map     1 waiting, 1 running, 2 committed, 0 failed, 50 %',
    '  reduce  1 waiting, 0 running, 0 committed, 0 failed',
    '  worker 1  busy with map-1.2, 0 B read, silent for 5.0 s, given up in 5.0 s; seen 5.0 s ago, process 4001',
    '  worker 2  starting; seen 10.5 s ago',
    '  1 map task waits for a free worker; the oldest attempt is map-1.2 on worker 1, silent for 5.0 s, given up in 5.0 s.',
  ]);
});

test('of many workers, those in trouble are shown and the others are counted', () => {
  const run = new ToldView({ ...options, workerCount: 30 }).tell(0, chunks);
  for (let worker = 1; worker <= 30; worker++) if (worker !== 25) run.tell(0, ready(worker));
  const lines = blockAt(run, 1000);
  expect(lines[0]).toBe('after 1.0 s: 4 busy, 25 idle, 1 starting');
  expect(lines).toContain('  worker 25  starting; not seen yet');
  expect(lines.filter((line) => line.startsWith('  worker '))).toHaveLength(16);
  expect(lines.at(-2)).toBe('  and 14 idle');
});

test('if the bytes of reduce tasks are not known, the progress is in tasks', () => {
  const run = new ToldView({ ...options, reduceCount: 4, workerCount: 1 })
    .tell(0, chunks, ready(1), ...[0, 1, 2, 3].flatMap((task) => done(`map-${task}.1`)))
    .tell(2000, ...done('reduce-0.1'));
  expect(blockAt(run, 2500)[2]).toBe('  reduce  2 waiting, 1 running, 1 committed, 0 failed, 25 %, 5.5 s left');
});
