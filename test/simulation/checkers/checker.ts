// The interface of a checker, which checks one rule that must hold whatever goes wrong. It sees everything that happens, changes
// nothing, and throws an error with a sentence if the rule is violated.

import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { Command, Event, StartAttempt } from '../../../src/scheduler/events.ts';
import type { RunState } from '../../../src/scheduler/state.ts';
import type { Plan } from '../plan.ts';
import type { Content, Files } from '../world/files.ts';
import type { Staff } from '../world/staff.ts';

/** An event, and the decisions on it. */
export interface Seen {
  readonly at: number;
  readonly event: Event;
  readonly commands: readonly Command[];
}

/** The state of everything. */
export interface Scene {
  readonly plan: Plan;
  readonly files: Files;
  /** The state according to the living driver. */
  readonly state: RunState;
  readonly staff: Staff;
  /** The true time, independent of any clock. */
  readonly nowMs: number;
  /** The number of the living driver's pauses so far, and their total time. */
  readonly pauses: { readonly count: number; readonly ms: number };
  readonly journalText: () => string;
}

export interface Checker {
  readonly name: string;
  /** An event has changed the state. The decisions on it have not been carried out yet. */
  readonly saw?: (seen: Seen, scene: Scene) => void;
  /** An attempt of a reduce task reads the output of a map task, from the file or from memory. */
  readonly read?: (reader: AttemptId, content: Content, scene: Scene) => void;
  /** An attempt's file has become the file of a task. */
  readonly renamed?: (content: Content, task: TaskId, scene: Scene) => void;
  /** An event has been handled, and all decisions on it have been carried out. */
  readonly settled?: (scene: Scene) => void;
  /** A new driver has replayed the journal, whose events are `history`, and removed uncommitted files. */
  readonly resumed?: (scene: Scene, history: readonly Seen[]) => void;
}

/** @throws Error with the sentence if the condition is false. */
export function hold(isSo: boolean, sentence: () => string): asserts isSo {
  if (!isSo) throw new Error(sentence());
}

export function startsIn(commands: readonly Command[]): StartAttempt[] {
  return commands.filter((command) => command.type === 'start-attempt');
}

/** Calls `look` with the state when a run has just ended. */
export function atEnd(look: (outcome: Extract<Command, { type: 'end' }>['outcome'], scene: Scene) => void) {
  return ({ commands }: Seen, scene: Scene): void => {
    for (const command of commands) if (command.type === 'end') look(command.outcome, scene);
  };
}
