import { expect, test } from 'vitest';

import type { Event, SchedulerOptions } from '../../../src/scheduler/events.ts';
import { ASCII, BLOCKS, type Look, Frame } from '../../../src/terminal/frame.ts';
import { Trouble } from '../../../src/view/trouble.ts';
import { chunksWritten, done, lost, ready, Told } from '../../fixtures/told-run.ts';

const plain: Look = { columns: 80, rows: 24, glyphs: ASCII, paint: (_, text) => text };
const chunks: Event = { type: 'chunks-written', bytes: [8_000_000, 8_000_000] };
const ADDRESS = 'watch the run at http://127.0.0.1:8000/';

function rows(look: Partial<Look>, options: Partial<SchedulerOptions>, ...events: readonly Event[]): string[] {
  const told = new Told({ backup: false, ...options });
  const trouble = new Trouble();
  for (const event of events) trouble.observe(event, told.scheduler.handle(event, 0));
  return new Frame().rows(told.scheduler.state, trouble, ADDRESS, 1000, { ...plain, ...look });
}

test('a frame has a bar a phase, the workers, what it waits for and where it is watched', () => {
  const half: Event = { type: 'attempt-progressed', attempt: 'map-1.1', records: 10, bytes: 4_000_000 };
  expect(rows({}, {}, chunks, ready(1), ready(2), ...done('map-0.1'), half)).toEqual([
    'chunk   ######################  2 of 2',
    'map     ################......  1 of 2  75 %  1 running',
    'reduce  ......................  0 of 1',
    'workers 1 ready, 1 busy',
    '  worker 1  ready  process 4001',
    '  worker 2  map-1.1  running for 1 s  4.00 MB read  process 4002',
    'reduce-0 waits for map-1 on worker 2, running for 1 s',
    ADDRESS,
  ]);
});

test('a bar has the time that is left and the rate, and losses are counted beside the workers', () => {
  const told = new Told({ backup: false });
  const trouble = new Trouble();
  const frame = new Frame();
  const tell = (atMs: number, event: Event): string[] => {
    trouble.observe(event, told.scheduler.handle(event, atMs));
    return frame.rows(told.scheduler.state, trouble, undefined, atMs, plain);
  };
  tell(0, chunks);
  tell(0, ready(1));
  tell(0, ready(2));
  for (const event of done('map-0.1')) tell(2000, event);
  expect(tell(4000, lost(2)).slice(1, 4)).toEqual([
    'map     ###########...........  1 of 2  50 %  4 s left  2.00 MB/s  1 running',
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

test('colours repeat what words say: without them nothing else is missing', () => {
  const events = [chunks, ready(1), lost(1)];
  const painted = rows({ paint: (colour, text) => `<${colour}>${text}</>`, glyphs: BLOCKS }, {}, ...events);
  expect(painted.join('\n')).toContain('<green>█');
  expect(painted.map((row) => row.replaceAll(/<\/?\w*>/g, ''))).toEqual(rows({ glyphs: BLOCKS }, {}, ...events));
});
