// The driver's loop: events go into the scheduler, are written down with what it decided, and its commands go out into the
// world.

import { InvariantError, MapReduceError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import type { Command, Event, Outcome } from '../../scheduler/events.ts';
import { linesOf } from '../../scheduler/journal.ts';
import type { Scheduler } from '../../scheduler/scheduler.ts';
import type { RunState } from '../../scheduler/state.ts';
import type { Effects, Report } from './effects.ts';
import { LivedClock } from './lived-clock.ts';

/** Sees each event with its time and what was decided on it, after the state has changed, before it is done. */
export type Observer = (at: number, event: Event, commands: readonly Command[], state: RunState) => void;

export interface Driven {
  /** Feeds an event in. */
  readonly report: Report;
  /** How the run ended. Rejects only on a bug of our own. */
  readonly outcome: Promise<Outcome>;
  readonly state: RunState;
}

/**
 * Drives a run to its end. `scheduler` is a new one, or what `replay` made of a journal: then `driver-resumed` is the
 * first event to report. `makeEffects` gets the way in which effects report back. `ticked` is to be reported every `TICK_MS`.
 */
export function drive(scheduler: Scheduler, makeEffects: (report: Report) => Effects, observe: Observer): Driven {
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Outcome>();
  // The caller may fail of the same refusal before it waits for this.
  outcome.catch(() => {});
  const clock = new LivedClock(() => effects.now(), scheduler.nowMs);
  const tell = (event: Event, at: number): void => {
    const commands = scheduler.handle(event, at);
    // The passing of time is worth a line only if something follows from it.
    if (event.type === 'ticked' && commands.length === 0) return;
    effects.append(linesOf(at, event, commands));
    observe(at, event, commands, scheduler.state);
    for (const command of commands) perform(command);
  };
  const report: Report = (event) => {
    try {
      const { at, absentMs } = clock.read();
      // Before the event: what it is judged by must not contain time in which nobody judged.
      if (absentMs > 0 && scheduler.state.phase !== 'ended') tell({ type: 'driver-absent', ms: absentMs }, at);
      tell(event, at);
    } catch (thrown) {
      const error = refusedCall(thrown);
      const isKnown = error instanceof MapReduceError;
      reject(isKnown ? error : new InvariantError(`the driver failed on ${JSON.stringify(event)}`, { cause: error }));
    }
  };
  const effects = makeEffects(report);
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
  return { report, outcome, state: scheduler.state };
}
