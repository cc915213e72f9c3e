import { expect, test } from 'vitest';

import { drive } from '../../../../src/driver/loop/drive.ts';
import type { Effects } from '../../../../src/driver/loop/effects.ts';
import { InvariantError, SystemError } from '../../../../src/errors.ts';
import type { JournalLine } from '../../../../src/scheduler/journal.ts';
import { Scheduler } from '../../../../src/scheduler/scheduler.ts';
import { chunksWritten, ready, SMALL, succeeded, ticked } from '../../../fixtures/told-run.ts';

const options = { ...SMALL, reduceCount: 2, workerCount: 1 };
const nothing = (): void => {};

/** Effects that do nothing except what is given. */
function effects(some: Partial<Effects>): Effects {
  return {
    now: () => 0,
    append: nothing,
    respawnWorker: nothing,
    startAttempt: nothing,
    cancelAttempt: nothing,
    commit: nothing,
    discard: nothing,
    rewriteChunk: nothing,
    verify: nothing,
    publish: nothing,
    ...some,
  };
}

test('commands become effects, and effects dispatch events, until the end', async () => {
  const started: string[] = [];
  const driven = drive(
    new Scheduler(options),
    (tell) =>
      effects({
        startAttempt: ({ attempt }) => {
          started.push(attempt);
          queueMicrotask(() => tell(succeeded(attempt)));
        },
        // At once, as the file system does: the event comes while the one before is still being handled.
        commit: (attempt) => tell({ type: 'task-committed', attempt }),
        verify: () => tell({ type: 'outputs-verified' }),
        publish: () => tell({ type: 'published' }),
      }),
    nothing,
  );
  driven.dispatch(chunksWritten);
  driven.dispatch(ready(1));
  expect(await driven.outcome).toEqual({ state: 'done', skipped: [] });
  expect(started).toEqual(['map-0.1', 'map-1.1', 'reduce-0.1', 'reduce-1.1']);
  expect(driven.state.phase).toBe('ended');
});

test('an event is in the journal with the decisions on it before any of them is carried out', () => {
  const seen: string[] = [];
  const written = (lines: readonly JournalLine[]): void =>
    void seen.push(lines.map((line) => `${line.at} ${'do' in line ? line.do : line.type}`).join(', '));
  const driven = drive(
    new Scheduler(options),
    () => effects({ now: () => 7, append: written, startAttempt: () => void seen.push('started') }),
    (at, event, commands, state) => void seen.push(`${event.type}: ${commands.length} commands in ${state.phase}`),
  );
  driven.dispatch(ready(1));
  driven.dispatch(ticked);
  driven.dispatch(chunksWritten);
  expect(seen).toEqual([
    '7 worker-ready',
    'worker-ready: 0 commands in chunk',
    '7 chunks-written, 7 start-attempt',
    'chunks-written: 1 commands in map',
    'started',
  ]);
});

test('an error of an effect ends the run as a bug of ours, with the event; an error of ours ends it as it is', async () => {
  for (const [thrown, kind] of [
    [new Error('boom'), InvariantError],
    [new SystemError('full'), SystemError],
  ] as const) {
    const startAttempt = (): void => {
      throw thrown;
    };
    const driven = drive(new Scheduler(options), () => effects({ startAttempt }), nothing);
    const outcome = expect(driven.outcome).rejects.toThrow(kind);
    driven.dispatch(chunksWritten);
    driven.dispatch(ready(1));
    await outcome;
  }
});
