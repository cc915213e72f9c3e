// Counts what went wrong in a run, and why.

import type { Command, Event } from '../scheduler/events.ts';
import { atPlace } from './place-text.ts';

export interface Cause {
  readonly message: string;
  readonly times: number;
}

/** Any more causes are counted together, so that a long run stays within bounds of memory. */
const MOST_CAUSES = 1000;

/** Folds the events of a run. */
export class FailureCounts {
  lostWorkers = 0;
  failedAttempts = 0;
  readonly #causes = new Map<string, number>();

  observe(event: Event, commands: readonly Command[]): void {
    if (event.type === 'worker-lost') {
      this.lostWorkers++;
      this.#count(event.cause.message);
    } else if (event.type === 'attempt-failed') {
      this.#attemptFailed(`${atPlace(event.failure.place)}${event.failure.message}`);
    } else if (event.type === 'commit-failed') {
      this.#attemptFailed(event.message);
    }
    for (const command of commands) {
      if (command.type === 'cancel-attempt' && command.reason === 'timeout')
        this.#attemptFailed(`${atPlace(command.place)}no progress (--task-timeout)`);
    }
  }

  /** Why workers were lost and attempts failed, the most frequent cause first. */
  get causes(): Cause[] {
    return Array.from(this.#causes, ([message, times]) => ({ message, times })).sort((a, b) => b.times - a.times);
  }

  #attemptFailed(message: string): void {
    this.failedAttempts++;
    this.#count(message);
  }

  #count(message: string): void {
    const [line] = message.split('\n', 1);
    const cause = this.#causes.has(line!) || this.#causes.size < MOST_CAUSES ? line! : 'other causes';
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
  }
}
