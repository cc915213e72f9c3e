// A checker holds one thing that must be so, whatever goes wrong. It sees all that happens, changes nothing, and throws an
// error with a sentence where it is not so.

import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { Command, Event, StartAttempt } from '../../../src/scheduler/events.ts';
import type { RunState } from '../../../src/scheduler/state.ts';
import type { Plan } from '../plan.ts';
import type { Content, Files } from '../world/files.ts';
import type { Staff } from '../world/staff.ts';

/** What was reported, and what was decided on it. */
export interface Seen {
  readonly at: number;
  readonly event: Event;
  readonly commands: readonly Command[];
}

/** How things are. */
export interface Scene {
  readonly plan: Plan;
  readonly files: Files;
  /** As the living driver has it. */
  readonly state: RunState;
  readonly staff: Staff;
  /** The true time, whatever a clock shows. */
  readonly nowMs: number;
  /** How often the living driver was stopped so far, and for how long. */
  readonly pauses: { readonly count: number; readonly ms: number };
  readonly journalText: () => string;
}

export interface Checker {
  readonly name: string;
  /** An event has changed the state; what was decided on it has not been done yet. */
  readonly saw?: (seen: Seen, scene: Scene) => void;
  /** An attempt of a reduce task reads the output of a map task, from the file or as it remembers it. */
  readonly read?: (reader: AttemptId, content: Content, scene: Scene) => void;
  /** An attempt's file has become the file of a task. */
  readonly renamed?: (content: Content, task: TaskId, scene: Scene) => void;
  /** An event has been dealt with, and all that was decided has been done. */
  readonly settled?: (scene: Scene) => void;
  /** A new driver has played the journal again, which says `history`, and removed what was not committed. */
  readonly resumed?: (scene: Scene, history: readonly Seen[]) => void;
}

/** @throws Error with the sentence, where it is not so */
export function hold(isSo: boolean, sentence: () => string): asserts isSo {
  if (!isSo) throw new Error(sentence());
}

export function startsIn(commands: readonly Command[]): StartAttempt[] {
  return commands.filter((command) => command.type === 'start-attempt');
}

/** Looks at how things are when a run has just ended. */
export function atEnd(look: (outcome: Extract<Command, { type: 'end' }>['outcome'], scene: Scene) => void) {
  return ({ commands }: Seen, scene: Scene): void => {
    for (const command of commands) if (command.type === 'end') look(command.outcome, scene);
  };
}
