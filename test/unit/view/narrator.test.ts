import { expect, test } from 'vitest';

import type { AttemptId } from '../../../src/task-ids.ts';
import type { Event } from '../../../src/scheduler/events.ts';
import { Narrator } from '../../../src/view/narrator.ts';
import {
  cancelled,
  chunksWritten,
  committed,
  failed,
  lost,
  ready,
  SMALL,
  succeeded,
  tellRun,
  ticked,
} from '../../fixtures/told-run.ts';

const options = { ...SMALL, maxAttempts: 2, maxRespawns: 1 };

/** What the narrator prints for events that are 10 s apart, or at the given times. */
function told(
  events: readonly Event[],
  times: readonly number[] = events.map((_, index) => 10_000 * (index + 1)),
  more: Partial<typeof options> = {},
): string[] {
  const said: string[] = [];
  const narrator = new Narrator((line) => said.push(line));
  tellRun(
    { ...options, ...more },
    narrator,
    events.map((event, index) => [times[index]!, event] as const),
  );
  return said;
}

test('a run without failures has one line per event that matters', () => {
  expect(
    told([
      chunksWritten,
      ready(1),
      succeeded('map-0.1'),
      committed('map-0.1'),
      { type: 'attempt-progressed', attempt: 'map-1.1', records: 1, bytes: 1 },
      succeeded('map-1.1'),
      committed('map-1.1'),
      succeeded('reduce-0.1'),
      committed('reduce-0.1'),
    ]),
  ).toEqual([
    '2 chunks written',
    'worker 1 ready at http://127.0.0.1:8001, process 4001',
    'map 1 of 2 tasks committed',
    'map 2 of 2 tasks committed',
    'reduce 1 of 1 tasks committed',
  ]);
});

test('progress is printed once a second, and always when a phase is complete', () => {
  const events = [
    chunksWritten,
    ready(1),
    ...['map-0.1', 'map-1.1'].flatMap((id) => [succeeded(id as 'map-0.1'), committed(id as 'map-0.1')]),
  ];
  expect(told(events, [0, 0, 500, 500, 600, 600]).slice(2)).toEqual(['map 2 of 2 tasks committed']);
  expect(told(events, [0, 0, 1500, 1500, 1600, 1600]).slice(2)).toEqual([
    'map 1 of 2 tasks committed',
    'map 2 of 2 tasks committed',
  ]);
});

test('the line of a lost worker has its attempt and what is done about the loss', () => {
  expect(told([chunksWritten, ready(1), lost(1)]).slice(2)).toEqual([
    'worker 1 lost: its process ended with SIGKILL; it had map-0.1, which will be tried again',
    'worker 1 replaced: a new process is started, restart 1 of 1',
  ]);
});

test('the line of a worker that is lost while it starts has no attempt', () => {
  expect(told([lost(2)])[0]).toBe('worker 2 lost: its process ended with SIGKILL');
});

test('a worker that is set aside has a line', () => {
  const [lostLine, asideLine, ...more] = told([lost(1), lost(1)]).slice(2);
  expect(lostLine).toBe('worker 1 lost: its process ended with SIGKILL');
  expect(asideLine).toMatch(/^worker 1 set aside: /);
  expect(more).toEqual([]);
});

test('the line of a failed attempt has its place, its message and what happens next', () => {
  expect(
    told([
      chunksWritten,
      ready(1),
      failed('map-0.1', { place: { file: 'a.txt', slice: 0, offset: 7 }, message: 'not a number' }),
      failed('map-0.2'),
    ]).slice(2),
  ).toEqual([
    'map-0.1 failed at the record at byte 7 of a.txt: not a number (failure 1 of 2, tried again)',
    'map-0.2 failed: boom (given up)',
  ]);
});

test('the line of an attempt that hung has the record that it hung on, and what happens next', () => {
  const place = { file: 'a.txt', slice: 0, offset: 7 };
  const stuck = (attempt: AttemptId): Event => ({ type: 'attempt-progressed', attempt, records: 1, bytes: 0, place });
  const hang = (attempt: AttemptId): Event[] => [stuck(attempt), stuck(attempt), stuck(attempt), ticked];
  const said = told(
    [chunksWritten, ready(1), ...hang('map-0.1'), cancelled('map-0.1', 1), ...hang('map-0.2')],
    [0, 0, 0, 1000, 2000, 2000, 2000, 2000, 3000, 4000, 4000],
    { taskTimeoutMs: 2000, maxAttempts: 3, skipBadRecords: 1 },
  );
  expect(said.slice(2)).toEqual([
    'map-0.1 on worker 1 cancelled at the record at byte 7 of a.txt: no progress for 2 s (failure 1 of 3, tried again)',
    'map-0.2 on worker 1 cancelled at the record at byte 7 of a.txt: no progress for 2 s (that record is skipped from now on)',
  ]);
});

test('the line of a worker that is lost at a known record has the record, and whether it is skipped from then on', () => {
  const place = { file: 'a.txt', slice: 0, offset: 7 };
  const events = [lost(1), ready(1), lost(1, { place }), ready(1), lost(1, { place })];
  const said = told([chunksWritten, ready(1), ...events], undefined, { maxRespawns: 9, skipBadRecords: 1 });
  const at = 'at the record at byte 7 of a.txt, which will be tried again';
  expect(said.filter((line) => line.includes(' lost: ')).map((line) => line.split('; ')[1])).toEqual([
    'it had map-0.1, which will be tried again',
    `it had map-0.2, ${at}`,
    `it had map-0.3, ${at} without that record`,
  ]);
  expect(said.at(-1)).toBe('worker 1 replaced: a new process is started');
});

test('the line of an idle worker that is lost has no attempt, whatever it ran before', () => {
  const [line] = told([
    chunksWritten,
    ready(1),
    succeeded('map-0.1'),
    committed('map-0.1'),
    ready(2),
    succeeded('map-1.1'),
    lost(1),
  ]).slice(-2);
  expect(line).toBe('worker 1 lost: its process ended with SIGKILL');
});

test('a loss that ends the run is not said to be tried again', () => {
  const lines = told([chunksWritten, ready(1), lost(1), ready(1), lost(1)]);
  expect(lines.filter((line) => line.includes('map-0.2')).join()).not.toContain('tried again');
});

test('a worker on which attempts fail again and again has a line when it is set aside', () => {
  const failures = [1, 2, 3, 4].map((number) => failed(`map-0.${number}`, { kind: 'system' }));
  const said = told([chunksWritten, ready(1), ready(2), ...failures], undefined, { maxAttempts: 9 });
  expect(said.at(-1)).toBe('worker 1 set aside: too many attempts in a row have failed there');
});
