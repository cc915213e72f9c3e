import { expect, test } from 'vitest';

import type { Event, SchedulerOptions } from '../../../src/scheduler/events.ts';
import { ASCII, BLOCKS, frameRows, type Look } from '../../../src/terminal/frame.ts';
import { momentOf } from '../../../src/view/moment.ts';
import { chunksWritten, done, lost, ready } from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';

const plain: Look = { columns: 80, rows: 24, glyphs: ASCII, paint: (_, text) => text };
const chunks: Event = { type: 'chunks-written', bytes: [8_000_000, 8_000_000] };
const ADDRESS = 'watch the run at http://127.0.0.1:8000/';

function rows(look: Partial<Look>, options: Partial<SchedulerOptions>, ...events: readonly Event[]): string[] {
  const { record } = new ToldView({ backup: false, ...options }).tell(0, ...events).view;
  return frameRows(momentOf(record, 1000), ADDRESS, { ...plain, ...look });
}

test('a frame has one bar per phase, the workers, what the run waits for and where it can be watched', () => {
  const half: Event = { type: 'attempt-progressed', attempt: 'map-1.1', records: 10, bytes: 4_000_000 };
  expect(rows({}, {}, chunks, ready(1), ready(2), ...done('map-0.1', { bytesIn: 8_000_000 }), half)).toEqual([
    'chunk   ######################  2 of 2',
    'map     ################......  1 of 2  75 %  1 running',
    'reduce  ......................  0 of 1',
    'workers 1 idle, 1 busy',
    '  worker 1  idle  process 4001',
    '  worker 2  map-1.1  running for 1.0 s, 50 % read  4.00 MB  process 4002',
    '1 reduce task waits for map-1.1 on worker 2, running for 1.0 s, 50 % read.',
    ADDRESS,
  ]);
});

test('a bar shows the remaining time and the rate, and losses are counted beside the workers', () => {
  const run = new ToldView({ backup: false })
    .tell(0, chunks, ready(1), ready(2))
    .tell(2000, ...done('map-0.1', { bytesIn: 8_000_000 }))
    .tell(4000, lost(2));
  const found = frameRows(momentOf(run.view.record, 4500), undefined, plain);
  expect(found.slice(1, 4)).toEqual([
    'map     ###########...........  1 of 2  50 %  1.5 s left  1.78 MB/s  1 running',
    'reduce  ......................  0 of 1',
    'workers 1 busy, 1 starting  1 retry, 1 worker lost',
  ]);
});

test.for([20, 40, 60, 80, 120, 300])('no row is wider than a terminal of %i columns', (columns) => {
  const found = rows({ columns }, {}, chunks, ready(1), ready(2), ...done('map-0.1'));
  for (const row of found) expect(row.length).toBeLessThan(columns);
});

test.for([10, 12, 24, 50])('200 workers fit into %i rows', (height) => {
  const events = Array.from({ length: 200 }, (_, index) => ready(index + 1));
  const found = rows({ rows: height }, { workerCount: 200, mapCount: 150 }, chunksWritten, ...events);
  expect(found.length).toBeLessThan(height);
  expect(found.some((row) => /^ {2}and 19\d more$/.test(row))).toBe(height > 10);
});

test('colours repeat what the words say: without them nothing is missing', () => {
  const events = [chunks, ready(1), lost(1)];
  const painted = rows({ paint: (colour, text) => `<${colour}>${text}</>`, glyphs: BLOCKS }, {}, ...events);
  expect(painted.join('\n')).toContain('<green>█');
  expect(painted.map((row) => row.replaceAll(/<\/?\w*>/g, ''))).toEqual(rows({ glyphs: BLOCKS }, {}, ...events));
});
