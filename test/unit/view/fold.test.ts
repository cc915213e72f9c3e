import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { momentOf } from '../../../src/view/moment.ts';
import { applyChange } from '../../../src/view/record.ts';
import { RunView } from '../../../src/view/fold.ts';
import {
  cancelled,
  chunksWritten,
  committed,
  done,
  failed,
  lost,
  ready,
  SMALL,
  succeeded,
} from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';

/** A run in which nearly everything happens: a loss, a failure, a backup that wins, counters, an output that is lost. */
function eventful(): ToldView {
  return new ToldView()
    .tell(100, { type: 'chunks-written', bytes: [700, 300] })
    .tell(200, ready(1), ready(2))
    .tell(300, { type: 'attempt-progressed', attempt: 'map-0.1', records: 5, bytes: 50, heapBytes: 1000 })
    .tell(400, lost(1))
    .tell(
      500,
      failed('map-1.1', { message: 'boom', stack: 'at job.ts:3', place: { file: 'a.txt', slice: 0, offset: 7 } }),
    )
    .tell(600, ready(1))
    .tell(
      700,
      ...done('map-0.2', { recordsIn: 7, bytesIn: 700, bytesOut: 70, partitionBytes: [70], counters: [['odd', 2]] }),
    )
    .tell(
      800,
      ...done('map-1.2', { recordsIn: 3, bytesIn: 300, bytesOut: 30, partitionBytes: [30], counters: [['odd', 1]] }),
    )
    .tell(900, { type: 'output-lost', task: 'map-0', message: 'the output of map-0 is damaged' })
    .tell(1000, cancelled('reduce-0.1', 1), cancelled('reduce-0.1', 2))
    .tell(1100, ...done('map-0.3', { recordsIn: 7, bytesIn: 700, bytesOut: 71, partitionBytes: [71] }))
    .tell(1200, ...done('reduce-0.2', { recordsIn: 9, bytesIn: 101, recordsOut: 4, bytesOut: 40 }));
}

test('the record has each attempt with its outcome', () => {
  const { attempts, outcome } = eventful().view.record;
  expect(attempts.map(({ id, outcome: how }) => [id, how])).toEqual([
    ['map-0.1', 'lost'],
    ['map-1.1', 'failed'],
    ['map-0.2', 'won'],
    ['map-1.2', 'won'],
    ['reduce-0.1', 'cancelled'],
    ['map-0.3', 'won'],
    ['reduce-0.2', 'won'],
  ]);
  expect(attempts[0]).toMatchObject({
    worker: 1,
    startMs: 200,
    endMs: 400,
    records: 5,
    error: { message: 'its process ended with SIGKILL' },
  });
  expect(attempts[1]!.error).toEqual({ message: 'boom', stack: 'at job.ts:3', place: 'the record at byte 7 of a.txt' });
  expect(attempts[2]).toMatchObject({ committedMs: 700, discardedMs: 900, bytesOut: 70 });
  expect(outcome).toEqual({ state: 'done', text: 'done' });
});

test('the heatmap has what the committed attempt wrote, even if it replaces another one', () => {
  expect(eventful().view.record.heat).toEqual({ rowCount: 2, columnCount: 1, cells: [[71], [30]] });
});

test('a journal leads to the same record as the run did', () => {
  const { lines, view } = eventful();
  expect(RunView.of(lines).record).toEqual(view.record);
  expect(RunView.of(JSON.parse(JSON.stringify(lines)) as typeof lines).record).toEqual(view.record);
});

test('an earlier record and every change since make the current record', () => {
  const told = new ToldView();
  told.tell(100, chunksWritten, ready(1));
  told.view.takeChange();
  let record = structuredClone(told.view.record);
  const events: [number, Event][] = [
    [200, ready(2)],
    [250, { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 2 }],
    [300, succeeded('map-0.1', { partitionBytes: [5] })],
    [310, committed('map-0.1')],
    [400, lost(2)],
    [500, failed('map-1.1')],
    [600, { type: 'interrupted', signal: 'SIGINT' }],
  ];
  for (const [ms, event] of events) {
    told.tell(ms, event);
    expect(told.view.hasChanged).toBe(true);
    record = applyChange(record, structuredClone(told.view.takeChange()));
    expect(record).toEqual(told.view.record);
  }
  expect(told.view.hasChanged).toBe(false);
});

test('a driver that died took its workers and its open attempts with it', () => {
  const told = new ToldView()
    .tell(100, chunksWritten, ready(1), ready(2))
    .tell(200, ...done('map-0.1'))
    .tell(9000, { type: 'driver-resumed', limits: { ...SMALL, workerCount: 1 } });
  const { attempts, workers } = told.view.record;
  expect(attempts.find(({ id }) => id === 'map-1.1')).toMatchObject({
    outcome: 'lost',
    endMs: 200,
    error: { message: 'its driver died' },
  });
  expect(workers.map(({ presence }) => presence)).toEqual([
    [
      [0, 'away'],
      [100, 'here'],
      [200, 'gone'],
      [9000, 'away'],
    ],
    [
      [0, 'away'],
      [100, 'here'],
      [200, 'gone'],
    ],
  ]);
  told.tell(9100, chunksWritten, { type: 'outputs-verified' }, ready(1)).tell(9200, ...done('map-1.2'));
  expect(momentOf(told.view.record, 9200).phases.map).toMatchObject({ committed: 2, running: 0 });
});

test('names and errors are in the feed unchanged, one line per event', () => {
  const { feed } = new ToldView()
    .tell(100, chunksWritten)
    .tell(200, { type: 'worker-joined', worker: 3, name: '<b>x</b>', url: '', pid: 1, host: 'h' }).view.record;
  expect(feed).toEqual([
    { atMs: 100, text: '2 chunks written', tone: 'plain' },
    { atMs: 200, text: '<b>x</b> joined as worker 3, from h', tone: 'plain' },
  ]);
});
