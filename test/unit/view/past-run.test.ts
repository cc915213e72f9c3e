import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import { JOURNAL, type JournalLine, linesOf, replay } from '../../../src/scheduler/journal.ts';
import { Scheduler } from '../../../src/scheduler/scheduler.ts';
import { retell, runLine } from '../../../src/view/past-run.ts';
import { RunView } from '../../../src/view/fold.ts';
import { RunSummary } from '../../../src/view/summary.ts';
import { chunksWritten, closed, done, failed, ready, SMALL, succeeded } from '../../fixtures/told-run.ts';

const options = { ...SMALL, mapCount: 1, workerCount: 1, maxAttempts: 1 };

/** The journal of a run of these events, a second apart. */
function journalOf(events: readonly Event[]): JournalLine[] {
  const run = { runId: 'run', job: { name: 'job', path: 'job.ts', digest: '', params: {} }, inputs: [] };
  const lines: JournalLine[] = [{ at: 0, type: 'run-started', journal: JOURNAL, run, options }];
  const scheduler = new Scheduler(options);
  for (const [index, event] of events.entries()) {
    const at = 1000 * (index + 1);
    lines.push(...linesOf(at, event, scheduler.handle(event, at)));
  }
  return lines;
}

/** What the history says of a run of these events. */
function told(events: readonly Event[]): string[] {
  return [...retell(journalOf(events))];
}

test('a list of runs counts the same failures as the summary of a run', () => {
  const notCommitted: Event = { type: 'commit-failed', attempt: 'map-0.1', message: 'damaged' };
  const lines = journalOf([chunksWritten, ready(1), succeeded('map-0.1'), notCommitted]);
  expect(runLine('run', lines)).toMatch(/: failed after 4\.00 s: .* \(1 attempt failed\)$/);
  const summary = new RunSummary(0);
  replay(lines, (...what) => summary.observe(...what));
  expect(summary.lines()).toContain('  on the way: 0 workers lost, 1 attempt failed');
});

test('the history of a run that failed and that another driver continued has the reason of the failure', () => {
  const full = failed('map-0.1', { kind: 'system', message: 'the disk is full\nof ballast' });
  const resumed: Event = { type: 'driver-resumed', limits: options };
  const goesOn = [resumed, { type: 'outputs-verified' } as const, chunksWritten, ready(1)];
  const lines = told([chunksWritten, ready(1), full, ...goesOn, ...done('map-0.2'), ...done('reduce-0.1'), ...closed]);
  expect(lines).toContain('   3.00 s  failed: map-0 failed on worker 1: the disk is full');
  expect(lines).toContain('   4.00 s  a new driver continues the run');
  expect(lines.join('\n')).not.toContain('died');
});

test('a run without an end that another driver continued has lost its driver', () => {
  const lines = told([chunksWritten, { type: 'driver-resumed', limits: options }]);
  expect(lines.slice(-4)).toEqual([
    '   1.00 s  the driver died: nothing is recorded after this',
    '   2.00 s  a new driver continues the run',
    '   2.00 s  The run waits for the files of an earlier driver to be checked.',
    '   2.00 s  not ended, 2.00 s so far',
  ]);
});

test('no time is negative if the clock was set back between two drivers', () => {
  const run = { runId: 'run', job: { name: 'job', path: 'job.ts', digest: '', params: {} }, inputs: [] };
  const lines: JournalLine[] = [{ at: 300_000_000, type: 'run-started', journal: JOURNAL, run, options }];
  const scheduler = new Scheduler(options);
  const resumed: Event = { type: 'driver-resumed', limits: options };
  const events = [chunksWritten, resumed, { type: 'outputs-verified' } as const, chunksWritten, ready(1)];
  for (const [index, event] of [...events, ...done('map-0.1'), ...done('reduce-0.1'), ...closed].entries()) {
    // Three days earlier, from the second driver on.
    const at = (index === 0 ? 300_000_000 : 40_000_000) + 1000 * (index + 1);
    lines.push(...linesOf(at, event, scheduler.handle(event, at)));
  }
  expect(runLine('run', lines)).toMatch(/: done in 10\.00 s/);
  expect([...retell(lines)].join('\n')).not.toMatch(/ -\d/);
  const { record } = RunView.of(lines);
  expect(record.endedMs).toBe(10_000);
  expect(record.attempts.map(({ startMs, endMs }) => endMs! - startMs)).toEqual([1000, 1000]);
});
