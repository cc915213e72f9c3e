// A bug that is put into the scheduler, or into what is written and read of its journal, to see that a checker finds it.

import type { Command, Event } from '../../../src/scheduler/events.ts';
import type { JournalLine } from '../../../src/scheduler/journal.ts';
import { Scheduler } from '../../../src/scheduler/scheduler.ts';
import type { RunState } from '../../../src/scheduler/state.ts';

/** The scheduler as it is without the bug. */
type Tell = (event: Event, nowMs?: number) => Command[];

export interface PlantedBug {
  /** What it does, in a sentence. */
  readonly says: string;
  /** Answers in place of the scheduler's `handle`, also where a journal is played again. */
  readonly handle?: (tell: Tell, event: Event, state: RunState) => Command[];
  /** What is written into the journal. */
  readonly written?: (lines: readonly JournalLine[]) => readonly JournalLine[];
  /** What the next driver believes of it. */
  readonly believed?: (lines: readonly JournalLine[]) => readonly JournalLine[];
}

/** The commands with those of one type changed. */
export function changeEach<T extends Command['type']>(
  commands: readonly Command[],
  type: T,
  change: (command: Command & { type: T }) => Command,
): Command[] {
  const isMeant = (command: Command): command is Command & { type: T } => command.type === type;
  return commands.map((command) => (isMeant(command) ? change(command) : command));
}

/** Does something while the scheduler has the bug. */
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
