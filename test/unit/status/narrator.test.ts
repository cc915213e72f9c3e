import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { Narrator } from '../../../src/status/narrator.ts';
import { chunksWritten, committed, failed, lost, ready, SMALL, succeeded, tellRun } from '../../fixtures/told-run.ts';

const options = { ...SMALL, maxAttempts: 2, maxRespawns: 1 };

/** What the narrator says of events that come 10 s apart, or at the times given. */
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

test('a run without trouble is told a line an event that matters', () => {
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

test('progress is told once a second, and always when a phase is complete', () => {
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

test('a lost worker is told with what it had and what is done about it', () => {
  expect(told([chunksWritten, ready(1), lost(1)]).slice(2)).toEqual([
    'worker 1 lost: its process ended with SIGKILL; it had map-0.1, which will be tried again',
    'worker 1 replaced: a new process is started, restart 1 of 1',
  ]);
});

test('a worker that is lost while it starts had nothing', () => {
  expect(told([lost(2)])[0]).toBe('worker 2 lost: its process ended with SIGKILL');
});

test('a worker that is set aside is told', () => {
  const [lostLine, asideLine, ...more] = told([lost(1), lost(1)]).slice(2);
  expect(lostLine).toBe('worker 1 lost: its process ended with SIGKILL');
  expect(asideLine).toMatch(/^worker 1 set aside: /);
  expect(more).toEqual([]);
});

test('a failed attempt is told with its place, its message and what comes of it', () => {
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

test('an idle worker that is lost had nothing, whatever it ran before', () => {
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

test('a loss that ends the run is not told as one that is tried again', () => {
  const lines = told([chunksWritten, ready(1), lost(1), ready(1), lost(1)]);
  expect(lines.filter((line) => line.includes('map-0.2')).join()).not.toContain('tried again');
});

test('a worker on which attempts fail again and again is told to be set aside', () => {
  const failures = [1, 2, 3, 4].map((number) => failed(`map-0.${number}`, { kind: 'system' }));
  const said = told([chunksWritten, ready(1), ready(2), ...failures], undefined, { maxAttempts: 9 });
  expect(said.at(-1)).toBe('worker 1 set aside: too many attempts in a row have failed there');
});
