// The driver's loop: events go into the scheduler, its commands go out into the world.

import { InvariantError } from '../errors.ts';
import type { Command, Event, Outcome } from '../scheduler/events.ts';
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.ts';
import type { RunState } from '../scheduler/state.ts';
import type { Effects, Report } from './effects.ts';

/** Sees each event and what was decided on it, after the state has changed. */
export type Observer = (event: Event, commands: readonly Command[], state: RunState) => void;

export interface Driven {
  /** Feeds an event in. */
  readonly report: Report;
  /** How the run ended. Rejects only on a bug of our own. */
  readonly outcome: Promise<Outcome>;
  readonly state: RunState;
}

/** Drives a run to its end. `makeEffects` gets the way in which effects report back. */
export function drive(options: SchedulerOptions, makeEffects: (report: Report) => Effects, observe: Observer): Driven {
  const scheduler = new Scheduler(options);
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Outcome>();
  const report: Report = (event) => {
    try {
      const commands = scheduler.handle(event);
      observe(event, commands, scheduler.state);
      for (const command of commands) perform(command);
    } catch (error) {
      reject(new InvariantError(`the driver failed on ${JSON.stringify(event)}`, { cause: error }));
    }
  };
  const effects = makeEffects(report);
  const perform = (command: Command): void => {
    switch (command.type) {
      case 'start-attempt':
        return effects.startAttempt(command.attempt, command.task, command.worker);
      case 'respawn-worker':
        return effects.respawnWorker(command.worker);
      case 'commit':
        return effects.commit(command.attempt, command.task);
      case 'end':
        return resolve(command.outcome);
    }
  };
  return { report, outcome, state: scheduler.state };
}
