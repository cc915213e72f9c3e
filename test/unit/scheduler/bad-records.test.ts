import { expect, test } from 'vitest';

import type { AttemptFailure } from '../../../src/protocol.ts';
import { chunksWritten, closed, done, failed, lost, ready, ticked, Told } from '../../fixtures/told-run.ts';

const at = (offset: number): Partial<AttemptFailure> => ({ place: { file: 'a.txt', slice: 0, offset } });

function oneTask(skipBadRecords: number, maxAttempts = 2): Told {
  const told = new Told({ mapCount: 1, workerCount: 1, skipBadRecords, maxAttempts });
  told.tell(chunksWritten, ready(1));
  return told;
}

test('a record that ends two attempts is skipped from then on, and the attempts no longer count', () => {
  const told = oneTask(2);
  expect(told.tell(failed('map-0.1', at(7)))).toEqual(['start map-0.2 on 1']);
  expect(told.tell(failed('map-0.2', at(7)))).toEqual(['start map-0.3 on 1 without 0:7']);
  expect(told.tell(failed('map-0.3', { kind: 'memory', ...at(90) }))).toEqual(['start map-0.4 on 1 without 0:7']);
  expect(told.tell(failed('map-0.4', { kind: 'memory', ...at(90) }))).toEqual([
    'start map-0.5 on 1 without 0:7 without 0:90',
  ]);
  told.tell(...done('map-0.5'));
  expect(told.tell(...done('reduce-0.1'), ...closed)).toEqual(['end done, 2 skipped']);
});

test('one bad record more than is allowed ends the run', () => {
  const told = oneTask(1);
  told.tell(failed('map-0.1', at(7)), failed('map-0.2', at(7)), failed('map-0.3', at(8)));
  expect(told.tell(failed('map-0.4', at(8)))).toEqual(['end failed: too-many-bad-records, map-0 on 1']);
});

test('records that fail once each use up the attempts', () => {
  const told = oneTask(9, 3);
  told.tell(failed('map-0.1', at(1)), failed('map-0.2', at(2)));
  expect(told.tell(failed('map-0.3', at(3)))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('after a worker was lost, its task runs carefully; a record at which two careful attempts are lost is skipped', () => {
  const told = oneTask(1);
  const place = at(7).place;
  told.tell(lost(1));
  expect(told.tell(ready(1))).toEqual(['start map-0.2 on 1 carefully']);
  told.tell(lost(1, { place }), ready(1), lost(1, { place }));
  expect(told.tell(ready(1))).toEqual(['start map-0.4 on 1 carefully without 0:7']);
});

test('records that end the process use up no losses of tasks or workers, however many there are', () => {
  const told = new Told({ mapCount: 1, workerCount: 1, skipBadRecords: 9, maxRespawns: 3 });
  told.tell(chunksWritten, ready(1), lost(1), ready(1));
  for (let record = 1; record <= 9; record++) {
    const { place } = at(record);
    told.tell(lost(1, { place }), ready(1), lost(1, { place }));
    expect(told.scheduler.state.workers.get(1)?.restarts).toBe(0);
    expect(told.tell(ready(1))[0]).toMatch(/^start map-0\.\d+ on 1 carefully/);
  }
  told.tell(...done(`map-0.${2 + 2 * 9}`));
  expect(told.tell(...done('reduce-0.1'), ...closed)).toEqual(['end done, 9 skipped']);
});

test('nothing is skipped unless that was asked for', () => {
  const told = oneTask(0);
  told.tell(failed('map-0.1', at(7)));
  expect(told.tell(failed('map-0.2', at(7)))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('an attempt without progress is cancelled after the timeout, and counts as a failure at its record', () => {
  const told = new Told({ mapCount: 1, workerCount: 1, taskTimeoutMs: 5000, skipBadRecords: 1 });
  told.tell(chunksWritten, ready(1), 4000);
  const stuck = { type: 'attempt-progressed', attempt: 'map-0.1', records: 3, bytes: 0, ...at(7) } as const;
  told.tell(stuck, 5000, stuck, 6000, stuck, 7000, stuck, 8000, stuck, 8999, stuck);
  expect(told.tell(ticked)).toEqual([]);
  expect(told.tell(9000, stuck, ticked)).toEqual(['cancel map-0.1 on 1: timeout']);
  expect(told.tell({ type: 'attempt-cancelled', attempt: 'map-0.1', worker: 1 })).toEqual(['start map-0.2 on 1']);
});

test('a record is not skipped twice, whatever an older attempt reports about it', () => {
  const told = new Told({ mapCount: 2, workerCount: 3, skipBadRecords: 5, maxAttempts: 9 });
  told.tell(chunksWritten, ready(1), ready(2), ready(3), 10, ...done('map-1.1'), 5000, ticked);
  // map-0.1 and its backup map-0.2 are running.
  told.tell(failed('map-0.2', at(7)), 9000, ticked, failed('map-0.3', at(7)), failed('map-0.1', at(7)));
  expect(told.scheduler.state.skippedCount).toBe(1);
  expect(told.scheduler.state.tasks.map[0]?.skipped).toHaveLength(1);
});
