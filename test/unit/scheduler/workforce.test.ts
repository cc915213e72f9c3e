import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { chunksWritten, done, failed, lost, ready, succeeded, Told } from '../../fixtures/told-run.ts';

const joined = (worker: number, name: string): Event => ({
  type: 'worker-joined',
  worker,
  name,
  url: 'http://127.0.0.1:9000',
  pid: 9,
  host: 'here',
});

test('the delay before a restart grows', () => {
  const told = new Told({ workerCount: 1, maxRespawns: 9 });
  const delays = Array.from({ length: 9 }, () => told.tell(lost(1))[0]?.split('after ')[1]);
  expect(delays).toEqual(['0', '250', '500', '1000', '2000', '4000', '8000', '10000', '10000']);
});

test('a worker that joins gets a task at once', () => {
  const told = new Told({ workerCount: 1 });
  told.tell(chunksWritten, ready(1), joined(2, 'brave-otter'));
  expect(told.tell(ready(2))).toEqual(['start map-1.1 on 2']);
  expect(told.scheduler.state.workers.get(2)).toMatchObject({ name: 'brave-otter', joined: true, state: 'busy' });
});

test('a worker that had joined and is lost is not started again, and is accepted when it comes back', () => {
  const told = new Told({ workerCount: 1 });
  told.tell(chunksWritten, ready(1), joined(2, 'brave-otter'), ready(2));
  expect(told.tell(lost(2))).toEqual([]);
  expect(told.tell(succeeded('map-1.1'))).toEqual([]);
  expect(told.tell(ready(2))).toEqual(['start map-1.2 on 2']);
});

test('a worker that leaves finishes its task, and gets no other', () => {
  const told = new Told({ mapCount: 3 });
  told.tell(chunksWritten, ready(1), ready(2), { type: 'worker-leaving', worker: 1 });
  expect(told.tell(...done('map-0.1'))).toEqual([]);
  expect(told.tell(succeeded('map-1.1'))).toEqual(['commit map-1.1', 'start map-2.1 on 2']);
});

test('a worker whose attempts fail again and again, for no fault of the job, is set aside if another is left', () => {
  const told = new Told({ mapCount: 9, maxAttempts: 99 });
  told.tell(chunksWritten, ready(1), ready(2));
  for (let attempt = 1; attempt <= 4; attempt++) told.tell(failed(`map-0.${attempt}`, { kind: 'system' }));
  expect(told.scheduler.state.workers.get(1)?.state).toBe('set-aside');
  expect(told.scheduler.state.workers.get(2)?.attempt).toBe('map-1.1');
  for (let attempt = 1; attempt <= 9; attempt++) told.tell(failed(`map-1.${attempt}`, { kind: 'system' }));
  expect(told.scheduler.state.workers.get(2)?.state).not.toBe('set-aside');
});
