import { expect, test } from 'vitest';

import { judgedCause, markLost, Roster } from '../../../../src/driver/crew/roster.ts';

const CAUSE = { message: 'gone', reached: true, stderr: [] };

test('numbers follow the highest that is in use', () => {
  const roster = new Roster();
  roster.reserve(3, 8003);
  roster.claim(2);
  expect([roster.nextId(), roster.nextId()]).toEqual([4, 5]);
});

test('a worker keeps its port, and no other worker gets it', () => {
  const roster = new Roster();
  roster.reserve(1, 8001);
  expect(roster.portFor(2, 8001)).toBe(8002);
  expect(roster.movePast(2, 8002)).toBe(8003);
  expect([roster.portFor(1, 9000), roster.portFor(2, 9000)]).toEqual([8001, 8003]);
  expect(roster.nextFreePort(8000)).toBe(8002);
});

test('a worker is found by its port until it is lost', () => {
  const roster = new Roster();
  const worker = roster.enter(1, { port: 8001 });
  expect(roster.at(8001)).toBe(1);
  expect(markLost(worker)).toBe(true);
  expect(roster.at(8001)).toBeUndefined();
});

test('a worker is lost once', () => {
  const worker = new Roster().enter(1, {});
  expect([markLost(worker), markLost(worker)]).toEqual([true, false]);
});

test('a worker is busy while it has an attempt', () => {
  const roster = new Roster();
  const worker = roster.enter(1, {});
  expect([roster.isBusy(1), roster.isBusy(2)]).toEqual([false, false]);
  worker.attempt = 'map-0.1';
  expect(roster.isBusy(1)).toBe(true);
});

test('a silent worker keeps its port, and another may take its number', () => {
  const roster = new Roster();
  roster.reserve(1, 8001);
  const silent = roster.enter(1, { port: 8001 });
  roster.setAside(1, silent);
  expect(roster.find(1)).toBeUndefined();
  expect(roster.portFor(1, 8001)).toBe(8002);
  const successor = roster.enter(1, {});
  expect(roster.everyone).toEqual([successor, silent]);
  roster.endSilence(silent);
  expect(roster.everyone).toEqual([successor]);
  expect(roster.portFor(2, 8001)).toBe(8001);
});

test('the cause of a loss names the record, and a worker that was told to stop is not to blame', () => {
  const roster = new Roster();
  const place = { file: 'a.txt', slice: 0, offset: 12 };
  expect(judgedCause(roster.enter(1, {}), CAUSE, undefined)).toEqual(CAUSE);
  expect(judgedCause(roster.enter(1, { isStopping: true }), CAUSE, place)).toEqual({
    ...CAUSE,
    place,
    isBlameless: true,
  });
});
