// The driver's loop: passes events to the scheduler, writes them to the journal with what was decided on them, and carries
// out the commands.

import { InvariantError, MapReduceError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import type { Command, Event, Outcome } from '../../scheduler/events.ts';
import { linesOf } from '../../scheduler/journal.ts';
import type { Scheduler } from '../../scheduler/scheduler.ts';
import type { RunState } from '../../scheduler/state.ts';
import type { Dispatch, Effects } from './effects.ts';
import { LivedClock } from './lived-clock.ts';

/** Receives each event with its time and the commands that follow from it: after the state has changed, before they are carried out. */
export type Observer = (at: number, event: Event, commands: readonly Command[], state: RunState) => void;

export interface Driven {
  readonly dispatch: Dispatch;
  /** How the run ended. Rejects if the machine refuses, or on a bug of ours. */
  readonly outcome: Promise<Outcome>;
  readonly state: RunState;
}

/**
 * Drives a run to its end. `scheduler` is new, or was made from a journal by `replay`: then `driver-resumed` must be the first
 * event. `makeEffects` receives the function with which effects dispatch events. The caller dispatches `ticked` every `TICK_MS`.
 */
export function drive(scheduler: Scheduler, makeEffects: (dispatch: Dispatch) => Effects, observe: Observer): Driven {
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Outcome>();
  // The caller may fail for the same reason before it awaits this.
  outcome.catch(() => {});
  const clock = new LivedClock(() => effects.now(), scheduler.nowMs);
  const handle = (event: Event, at: number): void => {
    const commands = scheduler.handle(event, at);
    // A tick is worth a line only if something follows from it.
    if (event.type === 'ticked' && commands.length === 0) return;
    effects.append(linesOf(at, event, commands));
    observe(at, event, commands, scheduler.state);
    for (const command of commands) perform(command);
  };
  const dispatch: Dispatch = (event) => {
    try {
      const { at, absentMs } = clock.read();
      // Before the event: time in which the driver did not run must not count for what is decided on it.
      if (absentMs > 0 && scheduler.state.phase !== 'ended') handle({ type: 'driver-absent', ms: absentMs }, at);
      handle(event, at);
    } catch (thrown) {
      const error = refusedCall(thrown);
      const isKnown = error instanceof MapReduceError;
      reject(isKnown ? error : new InvariantError(`the driver failed on ${JSON.stringify(event)}`, { cause: error }));
    }
  };
  const effects = makeEffects(dispatch);
  const perform = (command: Command): void => {
    switch (command.type) {
      case 'start-attempt':
        return effects.startAttempt(command);
      case 'cancel-attempt':
        return effects.cancelAttempt(command.attempt, command.worker);
      case 'respawn-worker':
        return effects.respawnWorker(command.worker, command.delayMs);
      case 'commit':
        return effects.commit(command.attempt, command);
      case 'discard':
        return effects.discard(command.task);
      case 'rewrite-chunk':
        return effects.rewriteChunk(command.chunk);
      case 'verify':
        return effects.verify(command.files);
      case 'publish':
        return effects.publish(command.skipped);
      case 'end':
        return resolve(command.outcome);
    }
  };
  return { dispatch, outcome, state: scheduler.state };
}
