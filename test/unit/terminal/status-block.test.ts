import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { StatusBlock } from '../../../src/terminal/status-block.ts';
import { Trouble } from '../../../src/view/trouble.ts';
import { done, lost, ready, SMALL, Told } from '../../fixtures/told-run.ts';

const bytes = [4_000_000, 4_000_000, 4_000_000, 4_000_000];
const chunks: Event = { type: 'chunks-written', bytes };
const options = { ...SMALL, mapCount: 4, backup: false };

test('a block says how the run stands: workers, when they were seen, tasks, pace, and what it waits for', () => {
  const told = new Told(options);
  const trouble = new Trouble();
  const tell = (atMs: number, event: Event): void => trouble.observe(event, told.scheduler.handle(event, atMs));
  const block = new StatusBlock(0);
  tell(0, chunks);
  tell(0, ready(1));
  tell(0, ready(2));
  for (const event of done('map-0.1')) tell(9000, event);
  tell(9500, { type: 'attempt-progressed', attempt: 'map-1.1', records: 10, bytes: 1_000_000 });
  expect(block.lines(told.scheduler.state, trouble, 10_000)).toEqual([
    'after 10 s: 2 busy',
    '  map     1 pending, 2 running, 1 completed, 0 failed, 31 %',
    '  reduce  1 pending, 0 running, 0 completed, 0 failed',
    '  worker 1  busy with map-2.1, 0 B read, running for 1 s; seen 1 s ago, process 4001',
    '  worker 2  busy with map-1.1, 1.00 MB read, running for 10 s; seen 1 s ago, process 4002',
    '  map-3 waits for a worker that is free',
  ]);

  tell(12_000, lost(2));
  for (const event of done('map-2.1')) tell(15_000, event);
  expect(block.lines(told.scheduler.state, trouble, 20_000)).toEqual([
    'after 20 s: 1 busy, 1 starting; 1 retry, 1 worker lost',
    '  map     1 pending, 1 running, 2 completed, 0 failed, 50 %, 27 s left, 300 kB/s',
    '  reduce  1 pending, 0 running, 0 completed, 0 failed',
    '  worker 1  busy with map-1.2, 0 B read, silent for 5 s; seen 5 s ago, process 4001',
    '  worker 2  starting; seen 11 s ago',
    '  map-3 waits for a worker that is free',
  ]);
});

test('of many workers those are shown that are not well, and the others are counted', () => {
  const told = new Told({ ...options, workerCount: 30 });
  told.tell(chunks);
  for (let worker = 1; worker <= 30; worker++) if (worker !== 25) told.tell(ready(worker));
  const lines = new StatusBlock(0).lines(told.scheduler.state, new Trouble(), 1000);
  expect(lines[0]).toBe('after 1 s: 4 busy, 25 ready, 1 starting');
  expect(lines).toContain('  worker 25  starting; not seen yet');
  expect(lines.filter((line) => line.startsWith('  worker '))).toHaveLength(16);
  expect(lines.at(-2)).toBe('  and 14 ready');
});

test('where the bytes of a task are not known, its pace is in tasks', () => {
  const told = new Told({ ...options, reduceCount: 4, workerCount: 1 });
  const block = new StatusBlock(0);
  told.tell(chunks, ready(1), ...[0, 1, 2, 3].flatMap((task) => done(`map-${task}.1`)));
  block.lines(told.scheduler.state, new Trouble(), 0);
  told.tell(...done('reduce-0.1'));
  expect(block.lines(told.scheduler.state, new Trouble(), 2000)[2]).toBe(
    '  reduce  2 pending, 1 running, 1 completed, 0 failed, 25 %, 6 s left, 0.5 tasks/s',
  );
});
