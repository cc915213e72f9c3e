// What went wrong on the way, how often, and why; and how often a task was tried again for it.

import { type AttemptFailure, placeText } from '../protocol.ts';
import type { TaskId } from '../task-ids.ts';
import type { Command, Event } from '../scheduler/events.ts';

export interface Cause {
  readonly message: string;
  readonly times: number;
}

/** More different causes than these are counted together, so that a long run stays within bounds. */
const MOST_CAUSES = 1000;

/** Folds the events of a run. */
export class Trouble {
  lostWorkers = 0;
  failedAttempts = 0;
  /** Attempts that were started because an earlier one of the same task came to nothing. */
  retries = 0;
  readonly #causes = new Map<string, number>();
  readonly #started = new Set<TaskId>();

  observe(event: Event, commands: readonly Command[]): void {
    if (event.type === 'worker-lost') {
      this.lostWorkers++;
      this.#count(event.cause.message);
    } else if (event.type === 'attempt-failed') {
      this.failedAttempts++;
      this.#count(failureText(event.failure));
    } else if (event.type === 'commit-failed') {
      this.failedAttempts++;
      this.#count(event.message);
    }
    for (const command of commands) {
      if (command.type === 'cancel-attempt' && command.reason === 'timeout') {
        this.failedAttempts++;
        this.#count(failureText({ message: 'no progress (--task-timeout)', place: command.place }));
      }
      if (command.type !== 'start-attempt') continue;
      if (this.#started.has(command.task) && !command.backup) this.retries++;
      this.#started.add(command.task);
    }
  }

  /** Why workers were lost and attempts failed, the most frequent first. */
  get causes(): Cause[] {
    return Array.from(this.#causes, ([message, times]) => ({ message, times })).sort((a, b) => b.times - a.times);
  }

  #count(message: string): void {
    const [line] = message.split('\n', 1);
    const cause = this.#causes.has(line!) || this.#causes.size < MOST_CAUSES ? line! : 'other causes';
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
  }
}

function failureText({ message, place }: Pick<AttemptFailure, 'message' | 'place'>): string {
  return place === undefined ? message : `at ${placeText(place)}: ${message}`;
}
