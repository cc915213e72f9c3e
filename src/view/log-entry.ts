// Turns the events of a run into log entries: a level, a sentence for people, and fields for programs.

import type { Command, Event, Outcome, WorkerId } from '../scheduler/events.ts';
import type { RunState } from '../scheduler/state.ts';
import { causeText } from './cause.ts';
import { Narrator } from './narrator.ts';
import { type AttemptId, taskOf } from '../task-ids.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** `event`; then `task`, `attempt` and `worker`, as far as the event has them; then the event's own fields. */
  readonly fields: { readonly event: string; readonly [field: string]: unknown };
}

/** `info` has what the narration of a run prints; `debug` also has what happens every second. */
const EVENT_LEVELS: Readonly<Record<Event['type'], LogLevel>> = {
  'ranges-cut': 'debug',
  'chunks-written': 'info',
  'chunk-rewritten': 'warn',
  'worker-joined': 'info',
  'worker-ready': 'info',
  'worker-lost': 'warn',
  'worker-leaving': 'info',
  'attempt-progressed': 'debug',
  'attempt-succeeded': 'debug',
  'attempt-failed': 'warn',
  'attempt-cancelled': 'debug',
  'task-committed': 'info',
  'commit-failed': 'warn',
  published: 'info',
  'driver-resumed': 'info',
  'output-lost': 'warn',
  'outputs-verified': 'info',
  ticked: 'debug',
  'driver-absent': 'info',
  interrupted: 'warn',
};

const COMMAND_LEVELS: Readonly<Record<Command['type'], LogLevel>> = {
  'start-attempt': 'info',
  'cancel-attempt': 'info',
  'respawn-worker': 'warn',
  commit: 'debug',
  discard: 'warn',
  'rewrite-chunk': 'warn',
  verify: 'debug',
  publish: 'debug',
  end: 'info',
};

/** Folds the events of a run. */
export class LogEntries {
  readonly #lines: string[] = [];
  readonly #narrator = new Narrator((line) => this.#lines.push(line));
  readonly #workers = new Map<AttemptId, WorkerId>();

  /** The entries of an event and of the commands that followed. */
  of(nowMs: number, event: Event, commands: readonly Command[], state: RunState): LogEntry[] {
    return [
      this.#entry(EVENT_LEVELS[event.type], event, () => this.#narrator.observe(nowMs, event, [], state)),
      ...commands.map((command) => {
        if (command.type === 'start-attempt') this.#workers.set(command.attempt, command.worker);
        const level =
          command.type === 'end' && command.outcome.state === 'failed' ? 'error' : COMMAND_LEVELS[command.type];
        return this.#entry(level, command, () => this.#narrator.observe(nowMs, NOTHING, [command], state));
      }),
    ];
  }

  #entry(level: LogLevel, what: Event | Command, narrate: () => void): LogEntry {
    const { type, ...rest } = what;
    const fields: { event: string; [field: string]: unknown } = { event: type };
    if ('attempt' in what) {
      fields.task = taskOf(what.attempt);
      fields.attempt = what.attempt;
      fields.worker = this.#workers.get(what.attempt);
    }
    Object.assign(fields, rest);
    narrate();
    const message = this.#lines.splice(0).join('; ');
    return { level, message: message === '' ? textOf(what) : message, fields };
  }
}

const NOTHING: Event = { type: 'ticked' };

function textOf(what: Event | Command): string {
  if (what.type === 'end') return endText(what.outcome);
  const words = what.type.replaceAll('-', ' ');
  if ('attempt' in what)
    return `${words}: ${what.attempt}${what.type === 'start-attempt' ? ` on worker ${what.worker}` : ''}`;
  return 'task' in what ? `${words}: ${what.task}` : words;
}

function endText(outcome: Outcome): string {
  return outcome.state === 'failed' ? `the run failed: ${causeText(outcome.cause)}` : `the run is ${outcome.state}`;
}
