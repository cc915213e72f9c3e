import { expect, test } from 'vitest';

import {
  cancelled,
  chunksWritten,
  committed,
  done,
  failed,
  lost,
  ready,
  succeeded,
  ticked,
  Told,
} from '../../fixtures/told-run.ts';

/** Three map tasks on three workers. Two took 100 ms; the third has been running since 0. */
function oneIsLeft(options: ConstructorParameters<typeof Told>[0] = {}): Told {
  const told = new Told({ mapCount: 3, workerCount: 3, ...options });
  told.tell(chunksWritten, ready(1), ready(2), ready(3), 100, ...done('map-0.1'), ...done('map-1.1'));
  return told;
}

test('a task that takes far longer than the others gets a backup attempt on an idle worker', () => {
  const told = oneIsLeft();
  expect(told.tell(1900, ticked)).toEqual([]);
  expect(told.tell(2000, ticked)).toEqual(['start map-2.2 on 1 as backup']);
  expect(told.tell(5000, ticked)).toEqual([]);
});

test('the first attempt that succeeds wins, and the other is cancelled at once', () => {
  const told = oneIsLeft();
  told.tell(2000, ticked);
  expect(told.tell(succeeded('map-2.2'))).toEqual(['commit map-2.2', 'cancel map-2.1 on 3: won']);
  expect(told.scheduler.state.workers.get(3)?.state).toBe('stopping');
  expect(told.tell(succeeded('map-2.1'))).toEqual([]);
  expect(told.tell(cancelled('map-2.1', 3))).toEqual([]);
  expect(told.scheduler.state.workers.get(3)?.state).toBe('idle');
  expect(told.tell(committed('map-2.2'))).toEqual(['start reduce-0.1 on 2']);
  expect(told.scheduler.state.backups).toEqual({ started: 1, won: 1 });
});

test('if one of the two is lost or fails, the other continues, and no third is started', () => {
  for (const end of [lost(3), failed('map-2.1')]) {
    const told = oneIsLeft();
    told.tell(2000, ticked);
    expect(told.tell(end).filter((command) => command.startsWith('start'))).toEqual([]);
    expect(told.tell(succeeded('map-2.2'))).toEqual(['commit map-2.2']);
  }
});

test('a task that will be done sooner without a backup attempt gets none', () => {
  const told = oneIsLeft();
  told.scheduler.handle({ type: 'chunks-written', bytes: [1000, 1000, 1000] }, 100);
  told.scheduler.handle({ type: 'attempt-progressed', attempt: 'map-2.1', records: 9, bytes: 990 }, 1900);
  expect(told.tell(2000, ticked)).toEqual([]);
});

test('a reduce task that has read all of its pairs may still hang, and gets a backup attempt', () => {
  const told = new Told({ mapCount: 1, reduceCount: 2 });
  told.tell(chunksWritten, ready(1), ready(2), ...done('map-0.1', { partitionBytes: [50, 50] }), 100);
  told.tell(...done('reduce-0.1', { bytesIn: 50 }));
  told.tell({ type: 'attempt-progressed', attempt: 'reduce-1.1', records: 5, bytes: 50 });
  expect(told.tell(2000, ticked)).toEqual(['start reduce-1.2 on 2 as backup']);
});

test('of two slow tasks the one with the lower rate of progress gets the first backup attempt', () => {
  const told = new Told({ mapCount: 3, workerCount: 3 });
  told.tell(
    { type: 'chunks-written', bytes: [100, 100, 100] },
    ready(1),
    ready(2),
    ready(3),
    100,
    ...done('map-0.1', { bytesIn: 100 }),
  );
  told.tell({ type: 'attempt-progressed', attempt: 'map-1.1', records: 1, bytes: 40 });
  told.tell({ type: 'attempt-progressed', attempt: 'map-2.1', records: 1, bytes: 20 });
  expect(told.tell(2000, ticked)).toEqual(['start map-2.2 on 1 as backup']);
});

test('there is no backup attempt while tasks wait, before an attempt has ended, or with --no-backup', () => {
  const waiting = new Told({ mapCount: 3, workerCount: 2 });
  waiting.tell(chunksWritten, ready(1), 100, ...done('map-0.1'), ready(2));
  expect(waiting.tell(99_999, ticked)).toEqual([]);

  const first = new Told({ mapCount: 1, workerCount: 2 });
  first.tell(chunksWritten, ready(1), ready(2));
  expect(first.tell(99_999, ticked)).toEqual([]);

  expect(oneIsLeft({ backup: false }).tell(99_999, ticked)).toEqual([]);
});

test('a backup attempt that wins is one attempt of its task: its counters count once', () => {
  const told = oneIsLeft();
  told.tell(2000, ticked, ...done('map-2.2', { counters: [['seen', 5]] }));
  const { report, winner, state } = told.scheduler.state.tasks.map[2]!;
  expect([state, winner, report?.counters]).toEqual(['committed', 'map-2.2', [['seen', 5]]]);
});

test.for([
  ['one that took 100 ms', 100, 2000],
  ['one that took 1,333 ms', 1333, 2000],
  ['one that took 1,334 ms', 1334, 2001],
  ['one that took 10 s', 10_000, 15_000],
] as const)(
  'beside %s, a task that reports its progress counts as slow after 1.5 times as long, and after 2 s',
  ([, tookMs, slowMs]) => {
    const told = new Told({ mapCount: 2, workerCount: 2 });
    told.tell({ type: 'chunks-written', bytes: [100, 100] }, ready(1), ready(2));
    told.tell(tookMs, ...done('map-0.1', { bytesIn: 100 }));
    told.tell({ type: 'attempt-progressed', attempt: 'map-1.1', records: 1, bytes: 1 });
    expect(told.tell(slowMs - 1, ticked)).toEqual([]);
    expect(told.tell(slowMs, ticked)).toEqual(['start map-1.2 on 1 as backup']);
  },
);

test.for([
  ['100 ms', 100, 2000],
  ['667 ms', 667, 2001],
  ['10 s', 10_000, 30_000],
] as const)(
  'beside one that took %s, a task that reports nothing counts as slow after three times as long, and after 2 s',
  ([, tookMs, slowMs]) => {
    const told = new Told({ mapCount: 2, workerCount: 2 });
    told.tell({ type: 'chunks-written', bytes: [100, 100] }, ready(1), ready(2));
    told.tell(tookMs, ...done('map-0.1', { bytesIn: 100 }));
    expect(told.tell(slowMs - 1, ticked)).toEqual([]);
    expect(told.tell(slowMs, ticked)).toEqual(['start map-1.2 on 1 as backup']);
  },
);

test('a task with ten times the bytes is slow after ten times as long', () => {
  const told = new Told({ mapCount: 2, workerCount: 2 });
  told.tell({ type: 'chunks-written', bytes: [100, 1000] }, ready(1), ready(2));
  told.tell(1000, ...done('map-0.1', { bytesIn: 100 }));
  expect(told.tell(29_999, ticked)).toEqual([]);
  expect(told.tell(30_000, ticked)).toEqual(['start map-1.2 on 1 as backup']);
});

test('a slow task whose rest takes no longer than a new attempt gets none, and one whose rest takes a byte longer does', () => {
  for (const [bytes, decided] of [
    [75, []],
    [74, ['start map-1.2 on 1 as backup']],
  ] as const) {
    const told = new Told({ mapCount: 2, workerCount: 2 });
    told.tell({ type: 'chunks-written', bytes: [100, 100] }, ready(1), ready(2));
    told.tell(1000, ...done('map-0.1', { bytesIn: 100 }));
    told.tell(3000, { type: 'attempt-progressed', attempt: 'map-1.1', records: 1, bytes });
    // At 75 bytes in 3 s the rest takes 1 s.
    expect(told.tell(ticked)).toEqual(decided);
  }
});
