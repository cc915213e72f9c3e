// A bug that is put into the scheduler, or into the writing and reading of its journal, to see that a checker finds it.

import type { Command, Event } from '../../../src/scheduler/events.ts';
import type { JournalLine } from '../../../src/scheduler/journal.ts';
import { Scheduler } from '../../../src/scheduler/scheduler.ts';
import type { RunState } from '../../../src/scheduler/state.ts';

/** The scheduler without the bug. */
type Tell = (event: Event, nowMs?: number) => Command[];

export interface PlantedBug {
  /** What the bug does, in a sentence. */
  readonly says: string;
  /** Replaces the scheduler's `handle`, even when a journal is replayed. */
  readonly handle?: (tell: Tell, event: Event, state: RunState) => Command[];
  /** Returns the events that are written into the journal. */
  readonly written?: (lines: readonly JournalLine[]) => readonly JournalLine[];
  /** Returns the events that the next driver reads. */
  readonly believed?: (lines: readonly JournalLine[]) => readonly JournalLine[];
}

/** Returns the commands with those of one type changed. */
export function changeEach<T extends Command['type']>(
  commands: readonly Command[],
  type: T,
  change: (command: Command & { type: T }) => Command,
): Command[] {
  const isMeant = (command: Command): command is Command & { type: T } => command.type === type;
  return commands.map((command) => (isMeant(command) ? change(command) : command));
}

/** Runs a function while the scheduler has the bug. */
export function withBug<T>({ handle }: PlantedBug, act: () => T): T {
  // eslint-disable-next-line typescript/unbound-method -- it is called with the scheduler that it belongs to
  const real = Scheduler.prototype.handle;
  if (handle !== undefined) {
    Scheduler.prototype.handle = function (event, nowMs) {
      return handle((other, atMs = nowMs) => real.call(this, other, atMs), event, this.state);
    };
  }
  try {
    return act();
  } finally {
    Scheduler.prototype.handle = real;
  }
}
