import { expect, test } from 'vitest';
import * as v from 'valibot';

import { Status, statusOf } from '../../../src/api/status.ts';
import { BEGIN } from '../../fixtures/told-view.ts';
import { troubledRun } from '../../fixtures/troubled-run.ts';

test('the status conforms to its schema', () => {
  const { record } = troubledRun().view;
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
