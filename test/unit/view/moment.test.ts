import { expect, test } from 'vitest';

import { countersOf, momentOf, outcomeAt } from '../../../src/view/moment.ts';
import { troubledRun } from '../../fixtures/troubled-run.ts';

test('a moment has the tasks as they stood at its time', () => {
  const { record } = troubledRun().view;
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
  const { record } = troubledRun().view;
  const [first] = record.attempts;
  expect(first!.outcome).toBe('lost');
  expect([500, 999, 1000].map((ms) => outcomeAt(first!, ms))).toEqual(['running', 'running', 'lost']);
});

test('a moment has the workers as they stood at its time, with what they had done', () => {
  const { record } = troubledRun().view;
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
  const { record } = troubledRun().view;
  expect([...countersOf(momentOf(record, 2500))]).toEqual([['odd', { map: 1, reduce: 0 }]]);
  expect([...countersOf(momentOf(record, 6000))]).toEqual([['odd', { map: 3, reduce: 4 }]]);
});
