// Tells a run in plain words, a line an event that matters: what is ready, what is done, what was lost and what is done
// about it.

import type { AttemptFailure, AttemptId } from '../protocol.ts';
import type { Command, Event, WorkerId } from '../scheduler/events.ts';
import type { RunState, Task } from '../scheduler/state.ts';
import { plural } from './words.ts';

/** Progress within a phase is told at most this often. */
const PROGRESS_MS = 1000;

export interface NarratorOptions {
  readonly maxAttempts: number;
  readonly maxRespawns: number;
  readonly say: (line: string) => void;
}

export class Narrator {
  readonly #options: NarratorOptions;
  readonly #running = new Map<WorkerId, AttemptId>();
  #toldMs = 0;

  constructor(options: NarratorOptions) {
    this.#options = options;
  }

  /** Tells an event that has been handled at `nowMs`, with the commands that it led to and the state that it left. */
  observe(event: Event, commands: readonly Command[], state: RunState, nowMs: number): void {
    this.#tellEvent(event, state, nowMs);
    for (const command of commands) this.#tellCommand(command);
  }

  #tellEvent(event: Event, state: RunState, nowMs: number): void {
    const { say } = this.#options;
    switch (event.type) {
      case 'chunks-written':
        return say(`${plural(state.tasks.map.length, 'chunk')} written`);
      case 'worker-ready':
        return say(`worker ${event.worker} ready at ${event.url}, process ${event.pid}`);
      case 'worker-lost': {
        const attempt = this.#running.get(event.worker);
        this.#running.delete(event.worker);
        const again = state.phase === 'ended' ? '' : ', which will be tried again';
        say(
          `worker ${event.worker} lost: ${event.cause.message}${attempt === undefined ? '' : `; it had ${attempt}${again}`}`,
        );
        if (state.workers.get(event.worker)?.state !== 'set-aside') return;
        return say(`worker ${event.worker} set aside: no restart is left of ${this.#options.maxRespawns}`);
      }
      case 'attempt-succeeded':
        return this.#forget(event.attempt);
      case 'attempt-failed':
        this.#forget(event.attempt);
        return this.#tellFailure(event.attempt, event.failure, state);
      case 'task-committed':
        return this.#tellProgress(event.attempt, state, nowMs);
      default:
    }
  }

  #forget(attempt: AttemptId): void {
    for (const [worker, running] of this.#running) if (running === attempt) this.#running.delete(worker);
  }

  #tellCommand(command: Command): void {
    if (command.type === 'start-attempt') this.#running.set(command.worker, command.attempt);
    if (command.type !== 'respawn-worker') return;
    const { maxRespawns, say } = this.#options;
    say(`worker ${command.worker} replaced: a new process is started, restart ${command.restart} of ${maxRespawns}`);
  }

  #tellFailure(attempt: AttemptId, failure: AttemptFailure, state: RunState): void {
    const task = taskOf(attempt, state);
    const at = failure.at === undefined ? '' : ` at ${failure.at}`;
    const next =
      task?.state === 'failed' ? 'given up' : `failure ${task?.failures} of ${this.#options.maxAttempts}, tried again`;
    this.#options.say(`${attempt} failed${at}: ${failure.message.split('\n', 1)[0]} (${next})`);
  }

  #tellProgress(attempt: AttemptId, state: RunState, nowMs: number): void {
    const kind = attempt.startsWith('map') ? 'map' : 'reduce';
    const tasks = state.tasks[kind];
    const committed = tasks.filter((task) => task.state === 'committed').length;
    if (committed < tasks.length && nowMs - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = nowMs;
    this.#options.say(`${kind} ${committed} of ${tasks.length} tasks committed`);
  }
}

function taskOf(attempt: AttemptId, state: RunState): Task | undefined {
  const id = attempt.slice(0, attempt.lastIndexOf('.'));
  return [...state.tasks.map, ...state.tasks.reduce].find((task) => task.id === id);
}
