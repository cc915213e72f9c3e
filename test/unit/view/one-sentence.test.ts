import { expect, test } from 'vitest';

import { statusOf } from '../../../src/api/status.ts';
import { headerTexts } from '../../../src/page/header-texts.ts';
import type { Event, SchedulerOptions } from '../../../src/scheduler/events.ts';
import { ASCII, frameRows } from '../../../src/terminal/frame.ts';
import { statusBlock } from '../../../src/terminal/status-block.ts';
import { RunView } from '../../../src/view/fold.ts';
import { momentOf } from '../../../src/view/moment.ts';
import { retell } from '../../../src/view/past-run.ts';
import { applyChange, type RunChange, type RunRecord } from '../../../src/view/record.ts';
import { waitingText } from '../../../src/view/waiting.ts';
import { chunksWritten, done, failed, lost, ready, SMALL } from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';

const look = { columns: 1000, rows: 50, glyphs: ASCII, paint: (_: string, text: string) => text };
const progress = (attempt: 'map-0.1' | 'map-1.1', bytes: number): Event => ({
  type: 'attempt-progressed',
  attempt,
  records: bytes,
  bytes,
});
const resumed: Event = { type: 'driver-resumed', limits: SMALL };
const damaged = failed('map-0.1', { kind: 'corrupt', message: 'damaged', damaged: { file: 'chunk', task: 0 } });

type Step = readonly [ms: number, ...events: readonly Event[]];
const bothReady: Step = [100, chunksWritten, ready(1), ready(2)];
const mapsDone: Step = [2000, ...done('map-0.1'), ...done('map-1.1')];

/** The events of a run up to a moment, and the sentence about that moment. */
const moments: readonly (readonly [sentence: string, options: Partial<SchedulerOptions>, ...steps: Step[]])[] = [
  ['Map tasks wait for the chunks to be written.', {}, [50, ready(1)]],
  ['2 map tasks wait for worker 1, worker 2 to start.', {}, [50, chunksWritten]],
  ['2 map tasks wait for worker 1, worker 2, worker 3 and 7 more to start.', { workerCount: 10 }, [50, chunksWritten]],
  [
    '1 map task waits for a free worker; the oldest attempt is map-0.1 on worker 1, running for 3.0 s.',
    { workerCount: 1 },
    [100, chunksWritten, ready(1)],
    [3100, progress('map-0.1', 0)],
  ],
  [
    '1 reduce task waits for map-1.1 on worker 2, silent for 4.9 s, given up in 5.1 s, and for 1 more.',
    {},
    bothReady,
    [5000, progress('map-0.1', 1)],
  ],
  [
    '1 reduce task waits for map-1.1 on worker 2, without progress for 7.9 s, given up in 9 min 52 s.',
    { backup: false },
    bothReady,
    [200, ...done('map-0.1')],
    [8000, progress('map-1.1', 0)],
  ],
  [
    '1 map task waits for worker 1 to start.',
    { mapCount: 1, workerCount: 1 },
    [100, chunksWritten, ready(1)],
    [300, lost(1)],
  ],
  ['1 map task waits for a damaged chunk to be written again.', { mapCount: 1 }, bothReady, [300, damaged]],
  ['The run waits for reduce-0.1 on worker 1, running for 1.0 s.', {}, bothReady, mapsDone, [3000, { type: 'ticked' }]],
  ['The run waits for the files of an earlier driver to be checked.', {}, bothReady, mapsDone, [9000, resumed]],
  ['Over: interrupted by SIGINT.', {}, bothReady, [300, { type: 'interrupted', signal: 'SIGINT' }]],
  ['Over: map-0 failed on worker 1, attempt 1 of 1: boom.', { maxAttempts: 1 }, bothReady, [300, failed('map-0.1')]],
  ['Done: nothing is left to wait for.', {}, bothReady, mapsDone, [4000, ...done('reduce-0.1')]],
];

test.for(moments)(
  'the terminal, the page, /status, /events and the history agree: %s',
  ([sentence, options, ...steps]) => {
    const run = new ToldView(options);
    const followed = followedRecord(run);
    for (const [ms, ...events] of steps) run.tell(ms, ...events);
    const atMs = steps.at(-1)![0];
    const { record } = run.view;
    const moment = momentOf(record, atMs);

    expect(waitingText(moment)).toBe(sentence);
    expect(frameRows(moment, undefined, look).at(-1)).toBe(sentence);
    expect(statusBlock(moment).at(-1)).toBe(`  ${sentence}`);
    expect(statusOf(record, atMs).waitsFor).toBe(sentence);
    expect(headerTexts(moment).sentence).toBe(sentence);
    expect(headerTexts(momentOf(followed(), atMs)).sentence).toBe(sentence);
    expect(headerTexts(momentOf(RunView.of(run.lines).record, atMs)).sentence).toBe(sentence);
    const history = [...retell(run.lines)].map((line) => line.replace(/^ *\d+\.\d\d s {2}/, ''));
    if (record.endedMs === undefined) expect(history).toContain(sentence);
  },
);

test('the terminal, the page, /status and the history count the same retries, in the same states of workers', () => {
  const run = new ToldView()
    .tell(...bothReady)
    .tell(1000, lost(1))
    .tell(1500, failed('map-1.1'));
  const { record } = run.view;
  const moment = momentOf(record, 2000);
  const { workers, retries } = headerTexts(moment).figures;
  expect([workers, retries]).toEqual(['1 starting, 1 busy', '1']);
  expect(statusOf(record, 2000).reassignments).toBe(1);
  expect(statusOf(record, 2000).workers.map(({ status }) => status)).toEqual(['away', 'busy']);
  expect(frameRows(moment, undefined, look)).toContain('workers 1 starting, 1 busy  1 retry, 1 worker lost');
  expect(statusBlock(moment)[0]).toBe('after 2.0 s: 1 starting, 1 busy; 1 retry, 1 worker lost');
});

/** The record as a reader of /events has it: the snapshot from before the run's events, and then the changes as JSON. */
function followedRecord(run: ToldView): () => RunRecord {
  const snapshot = JSON.parse(JSON.stringify(run.view.record)) as RunRecord;
  return () => applyChange(snapshot, JSON.parse(JSON.stringify(run.view.takeChange())) as RunChange);
}
