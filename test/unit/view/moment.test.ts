import { expect, test } from 'vitest';
import * as v from 'valibot';

import { countersOf, momentOf, outcomeAt } from '../../../src/view/moment.ts';
import { metricsOf } from '../../../src/api/metrics.ts';
import { Status, statusOf } from '../../../src/api/status.ts';
import { traceText } from '../../../src/files/trace.ts';
import { ratesOf, remainingMs } from '../../../src/view/remaining-time.ts';
import { waitingText } from '../../../src/view/waiting.ts';
import { chunksWritten, done, failed, lost, ready } from '../../fixtures/told-run.ts';
import { BEGIN, ToldView } from '../../fixtures/told-view.ts';

/** Two maps and a reduce on two workers: a map is lost at 1 s, a reduce fails at 4 s; done at 6 s. */
function told(): ToldView {
  return new ToldView()
    .tell(100, chunksWritten)
    .tell(200, ready(1), ready(2))
    .tell(1000, lost(1))
    .tell(1500, ready(1))
    .tell(2000, ...done('map-1.1', { recordsIn: 10, bytesIn: 1000, bytesOut: 10, counters: [['odd', 1]] }))
    .tell(
      3000,
      ...done('map-0.2', {
        recordsIn: 20,
        bytesIn: 2000,
        bytesOut: 20,
        counters: [['odd', 2]],
        phases: [
          ['read', 500],
          ['map', 1000],
        ],
      }),
    )
    .tell(4000, failed('reduce-0.1'))
    .tell(
      6000,
      ...done('reduce-0.2', { recordsIn: 4, bytesIn: 30, recordsOut: 3, bytesOut: 30, counters: [['odd', 4]] }),
    );
}

test('a moment has the tasks as they stood at its time', () => {
  const { record } = told().view;
  const seen = [0, 500, 1200, 2500, 3500, 6000].map((ms) => {
    const { phase, phases } = momentOf(record, ms);
    const counts = ({ waiting, running, committed }: typeof phases.map): number[] => [waiting, running, committed];
    return [phase, counts(phases.map), counts(phases.reduce)];
  });
  expect(seen).toEqual([
    ['chunk', [2, 0, 0], [1, 0, 0]],
    ['map', [0, 2, 0], [1, 0, 0]],
    ['map', [1, 1, 0], [1, 0, 0]],
    ['map', [0, 1, 1], [1, 0, 0]],
    ['reduce', [0, 0, 2], [0, 1, 0]],
    ['done', [0, 0, 2], [0, 0, 1]],
  ]);
});

test('an attempt that was lost later was running before', () => {
  const { record } = told().view;
  const [first] = record.attempts;
  expect(first!.outcome).toBe('lost');
  expect([500, 999, 1000].map((ms) => outcomeAt(first!, ms))).toEqual(['running', 'running', 'lost']);
});

test('a moment has the workers as they stood at its time, with what they had done', () => {
  const { record } = told().view;
  const seen = [500, 1200, 2500, 6000].map((ms) =>
    momentOf(record, ms).workers.map(({ presence, attempt, tasksDone }) => [presence, attempt?.id, tasksDone]),
  );
  expect(seen[0]).toEqual([
    ['here', 'map-0.1', 0],
    ['here', 'map-1.1', 0],
  ]);
  expect(seen[1]![0]).toEqual(['away', undefined, 0]);
  expect(seen[2]!.map(([, , tasksDone]) => tasksDone)).toEqual([0, 1]);
  expect(seen[3]!.reduce((sum, [, , tasksDone]) => sum + Number(tasksDone), 0)).toBe(3);
});

test('counters are those of the attempts that were committed at the time', () => {
  const { record } = told().view;
  expect([...countersOf(momentOf(record, 2500))]).toEqual([['odd', { map: 1, reduce: 0 }]]);
  expect([...countersOf(momentOf(record, 6000))]).toEqual([['odd', { map: 3, reduce: 4 }]]);
});

test('rates are of the last seconds, and the remaining time assumes that tasks take as long as those before', () => {
  const { record } = told().view;
  expect(ratesOf(momentOf(record, 2000)).bytes).toBeCloseTo((1000 + (2000 * 500) / 1500) / 2, -1);
  expect(remainingMs(momentOf(record, 1000))).toBeUndefined();
  expect(remainingMs(momentOf(record, 2500))).toBe(1800 - 1000);
});

test('before any task has ended, the remaining time follows from the pace at which attempts read', () => {
  const run = new ToldView()
    .tell(0, { type: 'chunks-written', bytes: [1000, 1000] }, ready(1))
    .tell(2000, { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 250 });
  const slow = new ToldView()
    .tell(0, { type: 'chunks-written', bytes: [1000, 1000] }, ready(1))
    .tell(2000, { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 0 });
  expect(remainingMs(momentOf(slow.view.record, 2500))).toBeUndefined();
  const stillThere = { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 250 } as const;
  const left = (ms: number): number | undefined => remainingMs(momentOf(run.view.record, ms));
  // 6 s for the rest of this one, then 8 s for the other.
  expect(left(2000)).toBe(6000 + 8000);
  expect(left(3000)).toBe(5000 + 8000);
  run.tell(6900, stillThere);
  expect(left(7000)).toBeUndefined();
});

test('a reduce attempt has a share of its partition that it has read', () => {
  const run = new ToldView({ mapCount: 1 })
    .tell(0, chunksWritten, ready(1), ready(2))
    .tell(1000, ...done('map-0.1', { partitionBytes: [800], bytesOut: 800 }))
    .tell(3000, { type: 'attempt-progressed', attempt: 'reduce-0.1', records: 9, bytes: 200 });
  const { record } = run.view;
  expect(record.attempts.at(-1)).toMatchObject({ id: 'reduce-0.1', wholeBytes: 800, bytes: 200 });
  const moment = momentOf(record, 3000);
  expect(moment.phases.reduce.bytesIn).toBe(200);
  expect(remainingMs(moment)).toBe(6000);
  expect(waitingText(moment)).toBe('The run waits for reduce-0.1 on worker 2, running for 2.0 s, 25 % read.');
});

test('a sentence says what the run waits for', () => {
  const run = told();
  const at = (ms: number): string => waitingText(momentOf(run.view.record, ms));
  expect(at(50)).toBe('Map tasks wait for the chunks to be written.');
  expect(at(1200)).toBe(
    '1 map task waits for a free worker; the oldest attempt is map-1.1 on worker 2, running for 1.0 s.',
  );
  expect(at(2500)).toBe('1 reduce task waits for map-0.2 on worker 1, running for 1.0 s.');
  expect(at(6000)).toBe('Done: nothing is left to wait for.');
});

test('the sentence names a silent worker, and the time until it is given up', () => {
  const run = new ToldView().tell(100, chunksWritten, ready(1), ready(2)).tell(1000, ...done('map-0.1'));
  const { record } = run.view;
  expect(waitingText(momentOf(record, 4100))).toBe(
    '1 reduce task waits for map-1.1 on worker 2, silent for 4.0 s, given up in 6.0 s.',
  );
  expect(remainingMs(momentOf(record, 4100))).toBeUndefined();
});

test('the sentence names an attempt that stands still, and the backup beside it', () => {
  const run = new ToldView({ mapCount: 3 })
    .tell(0, { type: 'chunks-written', bytes: [10, 10, 10] }, ready(1), ready(2))
    .tell(100, ...done('map-0.1', { bytesIn: 10 }), ...done('map-1.1', { bytesIn: 10 }))
    .tell(9000, { type: 'attempt-progressed', attempt: 'map-2.1', records: 0, bytes: 0 })
    .tell(9000, { type: 'ticked' });
  const { record } = run.view;
  const { worker } = record.attempts.find(({ id }) => id === 'map-2.2')!;
  expect(waitingText(momentOf(record, 9100))).toBe(
    `1 reduce task waits for map-2.1 on worker ${3 - worker}, without progress for 9.0 s, given up in 9 min 51 s, ` +
      `a second attempt runs on worker ${worker}.`,
  );
});

test('the status conforms to its schema', () => {
  const { record } = told().view;
  const status = v.parse(Status, JSON.parse(JSON.stringify(statusOf(record, 7000))));
  expect(status).toMatchObject({
    state: 'done',
    run: { job: 'told', startedAt: BEGIN, elapsedMs: 6000 },
    tasks: { map: { pending: 0, running: 0, completed: 2, failed: 0 }, reduce: { completed: 1 } },
    reassignments: 2,
  });
  expect(status.workers[0]).toMatchObject({ name: 'worker 1', pid: 4001, restarts: 1 });
  expect(status.events[0]).toEqual({ at: BEGIN + 6000, text: 'done' });
});

test('metrics have the same figures, and follow the conventions of Prometheus', async () => {
  const { text, type } = await metricsOf(told().view.record, 7000);
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = text.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'mapreduce_tasks{kind="map",state="committed"} 2',
      'mapreduce_attempts_total{kind="map",outcome="lost"} 1',
      'mapreduce_attempts_total{kind="reduce",outcome="failed"} 1',
      'mapreduce_read_bytes_total{kind="map"} 3000',
      'mapreduce_reassignments_total 2',
      'mapreduce_worker_restarts_total 1',
      'mapreduce_job_tally{name="odd"} 7',
      'mapreduce_worker_heap_limit_bytes 1073741824',
      'mapreduce_attempts_total{kind="map",outcome="cancelled"} 0',
      'mapreduce_task_duration_seconds_count{kind="map"} 2',
      'mapreduce_run_duration_seconds 6',
    ]),
  );
  const names = lines.flatMap((line) => /^# TYPE (\S+) (\S+)/.exec(line)?.slice(1).join(' ') ?? []);
  for (const name of names)
    expect(name, 'counters end in _total, others do not').toMatch(
      /^\w+_total counter$|^(?!\w*(counter|gauge|histogram))\w+(?<!_total|_count) (gauge|histogram)$/,
    );
});

test('counters of metrics never fall, whatever is lost, and exactly one state is set', async () => {
  const run = new ToldView()
    .tell(0, chunksWritten, ready(1), ready(2))
    .tell(500, { type: 'attempt-progressed', attempt: 'map-0.1', records: 5, bytes: 70 })
    .tell(600, ...done('map-1.1', { bytesIn: 30, bytesOut: 9, partitionBytes: [9] }));
  const seen = async (ms: number): Promise<Map<string, number>> => {
    const { text } = await metricsOf(run.view.record, ms);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  };
  const before = await seen(650);
  expect(before.get('mapreduce_read_bytes_total{kind="map"}')).toBe(100);
  run.tell(700, lost(1), lost(2)).tell(800, ready(1), { type: 'output-lost', task: 'map-1', message: 'damaged' });
  const after = await seen(900);
  for (const [name, count] of before)
    if (/_total\b|_bucket|_count/.test(name)) expect(after.get(name), name).toBeGreaterThanOrEqual(count);
  const states = [...after].filter(([name]) => name.startsWith('mapreduce_run_state'));
  expect(states.filter(([, value]) => value === 1)).toEqual([['mapreduce_run_state{state="map"}', 1]]);
  expect(states).toHaveLength(6);
});

test('a trace has one slice per attempt, its phases inside it, and the names of the workers', () => {
  const { traceEvents } = JSON.parse(traceText(told().view.record)) as { traceEvents: Record<string, unknown>[] };
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
