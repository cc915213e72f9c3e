import { expect, test } from 'vitest';

import { metricsOf } from '../../../src/api/metrics.ts';
import { chunksWritten, done, lost, ready } from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';
import { troubledRun } from '../../fixtures/troubled-run.ts';

test('metrics have the same figures, and follow the conventions of Prometheus', async () => {
  const { text, type } = await metricsOf(troubledRun().view.record, 7000);
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
