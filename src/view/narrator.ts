// Tells a run in plain words, a line an event that matters: what is ready, what is done, what was lost and what is done
// about it.

import type { AttemptFailure, Place } from '../protocol.ts';
import type { Command, Event, LossCause, WorkerId } from '../scheduler/events.ts';
import type { RunState, Task } from '../scheduler/state.ts';
import { bytesText, durationText, plural } from './numbers.ts';
import { atText } from './place-text.ts';
import { workerName } from './worker-text.ts';
import { type AttemptId, indexOf, kindOf } from '../task-ids.ts';

/** Progress within a phase is told at most this often. */
const PROGRESS_MS = 1000;

/** A shorter absence of the driver, as on a busy machine, is nothing to speak of. */
const LONG_ABSENCE_MS = 5000;

/** `isRoutine`: what also stands in live bars, and need not stay. */
export type Say = (line: string, isRoutine: boolean) => void;

export class Narrator {
  readonly #tell: Say;
  readonly #running = new Map<WorkerId, AttemptId>();
  /** Where the attempts ran whose files wait to be committed. */
  readonly #answered = new Map<AttemptId, WorkerId>();
  #isResuming = false;
  #toldMs = 0;

  constructor(tell: Say) {
    this.#tell = tell;
  }

  /** Tells an event that has been handled at `nowMs`, with the commands that it led to and the state that it left. */
  observe(nowMs: number, event: Event, commands: readonly Command[], state: RunState): void {
    this.#tellEvent(event, state, nowMs);
    for (const command of commands) this.#tellCommand(command, state);
  }

  #tellEvent(event: Event, state: RunState, nowMs: number): void {
    switch (event.type) {
      case 'chunks-written':
        return this.#tell(`${plural(state.tasks.map.length, 'chunk')} written`, true);
      case 'chunk-rewritten':
        return this.#say(`chunk ${event.chunk} written again`);
      case 'worker-joined':
        return this.#say(`${event.name} joined as worker ${event.worker}, from ${event.host}`);
      case 'worker-ready':
        return this.#tellReady(event, state);
      case 'worker-leaving':
        return this.#say(`${nameOf(event.worker, state)} is leaving: it takes no more tasks`);
      case 'worker-lost':
        return this.#tellLoss(event.worker, event.cause, state);
      case 'attempt-failed':
        this.#tellFailure(event.attempt, event.failure, state);
        return this.#tellSetAside(this.#forget(event.attempt), state);
      case 'attempt-succeeded':
        return this.#tellAnswer(event.attempt, state);
      case 'attempt-cancelled':
        this.#forget(event.attempt);
        return;
      case 'task-committed':
        this.#answered.delete(event.attempt);
        return this.#tellProgress(event.attempt, state, nowMs);
      case 'commit-failed':
        return this.#tellNotCommitted(event.attempt, event.message, state);
      case 'driver-resumed':
        this.#running.clear();
        this.#answered.clear();
        this.#isResuming = true;
        return this.#say('a new driver goes on with the run');
      case 'output-lost':
        return this.#say(`${event.message}; ${event.task} runs again`);
      case 'outputs-verified':
        if (!this.#isResuming) return;
        this.#isResuming = false;
        return this.#say(`${plural(state.reused, 'task')} of an earlier driver looked at, and used as they are`);
      case 'interrupted':
        return this.#say(`interrupted by ${event.signal}`);
      case 'driver-absent':
        if (event.ms >= LONG_ABSENCE_MS) this.#say(`this driver was stopped or blocked for ${durationText(event.ms)}`);
        return;
      case 'ranges-cut':
      case 'attempt-progressed':
      case 'published':
      case 'ticked':
    }
  }

  #say(line: string): void {
    this.#tell(line, false);
  }

  #tellReady({ worker, url, pid }: Event & { type: 'worker-ready' }, state: RunState): void {
    const isFirst = (state.workers.get(worker)?.restarts ?? 0) === 0;
    this.#tell(`${nameOf(worker, state)} ready at ${url}, process ${pid}`, isFirst);
  }

  #tellLoss(worker: WorkerId, { message, place }: LossCause, state: RunState): void {
    const attempt = this.#running.get(worker);
    this.#running.delete(worker);
    const slot = state.workers.get(worker);
    const name = nameOf(worker, state);
    this.#say(`${name} lost: ${message}${attempt === undefined ? '' : `; it had ${lostText(attempt, place, state)}`}`);
    if (slot?.state === 'set-aside') {
      this.#say(`${name} set aside: no restart is left of ${state.limits.maxRespawns}`);
    }
  }

  /** A worker on which attempts fail again and again, for no fault of the job, gets no more. */
  #tellSetAside(worker: WorkerId | undefined, state: RunState): void {
    if (worker === undefined || state.workers.get(worker)?.state !== 'set-aside') return;
    this.#say(`${nameOf(worker, state)} set aside: too many attempts in a row have failed there`);
  }

  /** The worker may have been busy when an earlier attempt of it could not be committed. */
  #tellAnswer(attempt: AttemptId, state: RunState): void {
    const worker = this.#forget(attempt);
    if (worker === undefined) return;
    this.#answered.set(attempt, worker);
    this.#tellSetAside(worker, state);
  }

  #tellNotCommitted(attempt: AttemptId, message: string, state: RunState): void {
    this.#say(`${attempt} not committed: ${message} (${nextText(attempt, undefined, state)})`);
    this.#tellSetAside(this.#answered.get(attempt), state);
    this.#answered.delete(attempt);
  }

  /** The worker that ran an attempt, and does so no more. */
  #forget(attempt: AttemptId): WorkerId | undefined {
    for (const [worker, running] of this.#running) {
      if (running !== attempt) continue;
      this.#running.delete(worker);
      return worker;
    }
    return undefined;
  }

  #tellCommand(command: Command, state: RunState): void {
    switch (command.type) {
      case 'start-attempt':
        this.#running.set(command.worker, command.attempt);
        if (command.backup) this.#tellBackup(command.attempt, command.worker, state);
        return;
      case 'cancel-attempt':
        return this.#say(cancelText(command, state));
      case 'respawn-worker': {
        const { worker, delayMs, restart } = command;
        const when = delayMs === 0 ? '' : ` within ${delayMs / 1000} s`;
        const count = restart === 0 ? '' : `, restart ${restart} of ${state.limits.maxRespawns}`;
        return this.#say(`${nameOf(worker, state)} replaced: a new process is started${when}${count}`);
      }
      case 'discard':
        return this.#say(`${command.task}: its file is given up, and made again`);
      case 'rewrite-chunk':
      case 'verify':
      case 'publish':
      case 'commit':
      case 'end':
    }
  }

  #tellBackup(attempt: AttemptId, worker: WorkerId, state: RunState): void {
    const task = taskOf(attempt, state);
    const [slow] = task?.open ?? [];
    const of = task?.bytes === undefined ? '' : ` of ${bytesText(task.bytes)}`;
    const how = slow === undefined ? '' : `: ${slow.id} is slow, ${bytesText(slow.bytes)}${of} done`;
    this.#say(`${attempt} started on ${nameOf(worker, state)} as a backup${how}`);
  }

  #tellFailure(attempt: AttemptId, { place, message, damaged }: AttemptFailure, state: RunState): void {
    const next = damaged === undefined ? nextText(attempt, place, state) : 'made again, and tried again';
    this.#say(`${attempt} failed${atText(place)}: ${message.split('\n', 1)[0]} (${next})`);
  }

  #tellProgress(attempt: AttemptId, state: RunState, nowMs: number): void {
    const kind = kindOf(attempt);
    const [committed, count] = [state.committed[kind], state.tasks[kind].length];
    if (committed < count && nowMs - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = nowMs;
    this.#tell(`${kind} ${committed} of ${count} tasks committed`, true);
  }
}

type CancelAttempt = Extract<Command, { type: 'cancel-attempt' }>;

const REASONS = {
  won: 'the other attempt was first',
  outdated: 'a map output that it reads is made again',
} as const;

function cancelText({ attempt, worker, reason, place }: CancelAttempt, state: RunState): string {
  const text = `${attempt} on ${nameOf(worker, state)} cancelled`;
  if (reason !== 'timeout') return `${text}: ${REASONS[reason]}`;
  const seconds = state.limits.taskTimeoutMs / 1000;
  return `${text}${atText(place)}: no progress for ${seconds} s (${nextText(attempt, place, state)})`;
}

/** An attempt that its worker took with it, and what becomes of its task. */
function lostText(attempt: AttemptId, place: Place | undefined, state: RunState): string {
  const at = place === undefined ? '' : `,${atText(place)}`;
  if (state.phase === 'ended') return `${attempt}${at}`;
  return `${attempt}${at}, which will be tried again${isSkipped(attempt, place, state) ? ' without that record' : ''}`;
}

/** What becomes of the task of an attempt that has failed. */
function nextText(attempt: AttemptId, place: Place | undefined, state: RunState): string {
  const task = taskOf(attempt, state);
  if (state.phase === 'ended') return 'given up';
  if (isSkipped(attempt, place, state)) return 'that record is skipped from now on';
  return `failure ${task?.failures} of ${state.limits.maxAttempts}, tried again`;
}

function isSkipped(attempt: AttemptId, place: Place | undefined, state: RunState): boolean {
  if (place === undefined || !('slice' in place)) return false;
  const skipped = taskOf(attempt, state)?.skipped ?? [];
  return skipped.some(({ slice, offset }) => slice === place.slice && offset === place.offset);
}

function nameOf(worker: WorkerId, state: RunState): string {
  return workerName(worker, state.workers.get(worker));
}

function taskOf(attempt: AttemptId, state: RunState): Task | undefined {
  return state.tasks[kindOf(attempt)][indexOf(attempt)];
}
