import { expect, test } from 'vitest';

import type { Command, Event } from '../../../src/scheduler/events.ts';
import type { RunState } from '../../../src/scheduler/state.ts';
import { LogEntries, type LogEntry } from '../../../src/view/log-entry.ts';
import { chunksWritten, done, failed, lost, ready, SMALL, tellRun } from '../../fixtures/told-run.ts';

function entriesOf(...events: readonly Event[]): LogEntry[] {
  const log = new LogEntries();
  const found: LogEntry[] = [];
  const observe = (nowMs: number, event: Event, commands: readonly Command[], state: RunState): void => {
    found.push(...log.of(nowMs, event, commands, state));
  };
  tellRun(
    { ...SMALL, maxAttempts: 1, backup: false },
    { observe },
    events.map((event) => [0, event] as const),
  );
  return found;
}

const short = ({ level, message, fields }: LogEntry): string => `${level} ${fields.event}: ${message}`;

test('every event and every command is an entry with a level and a message', () => {
  const [succeeded, committed] = done('map-0.1');
  expect(entriesOf(chunksWritten, ready(1), succeeded, committed, lost(1)).map(short)).toEqual([
    'info chunks-written: 2 chunks written',
    'info worker-ready: worker 1 ready at http://127.0.0.1:8001, process 4001',
    'info start-attempt: start attempt: map-0.1 on worker 1',
    'debug attempt-succeeded: attempt succeeded: map-0.1',
    'debug commit: commit: map-0.1',
    'info start-attempt: start attempt: map-1.1 on worker 1',
    'info task-committed: task committed: map-0.1',
    'warn worker-lost: worker 1 lost: its process ended with SIGKILL; it had map-1.1, which will be tried again',
    'warn respawn-worker: worker 1 replaced: a new process is started, restart 1 of 5',
  ]);
});

test('an entry names the task, the attempt and the worker, even if the event does not', () => {
  const entry = entriesOf(chunksWritten, ready(2), failed('map-0.1')).find(({ level }) => level === 'warn');
  expect(entry?.fields).toEqual({
    event: 'attempt-failed',
    task: 'map-0',
    attempt: 'map-0.1',
    worker: 2,
    failure: { kind: 'job', message: 'boom' },
  });
});

test('the log of a run that fails ends with an error that has the reason', () => {
  expect(short(entriesOf(chunksWritten, ready(2), failed('map-0.1')).at(-1)!)).toBe(
    'error end: the run failed: map-0 failed on worker 2, attempt 1 of 1: boom',
  );
});
