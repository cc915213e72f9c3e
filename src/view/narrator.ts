// Narrates a run, one line per event that matters: what is ready, what is done, what was lost, and what is done about it.

import type { AttemptFailure, Place } from '../protocol.ts';
import type { Command, Event, LossCause, WorkerId } from '../scheduler/events.ts';
import type { RunState, Task } from '../scheduler/state.ts';
import { bytesText, durationText, plural } from './numbers.ts';
import { atText } from './place-text.ts';
import { workerName } from './worker-text.ts';
import { type AttemptId, indexOf, kindOf } from '../task-ids.ts';

/** Progress within a phase is printed at most this often. */
const PROGRESS_MS = 1000;

/** On a busy machine shorter absences of the driver are normal, and are not worth a line. */
const LONG_ABSENCE_MS = 5000;

/** Prints a line. `isRoutine`: live bars show the same, so the line may be left out. */
export type PrintLine = (line: string, isRoutine: boolean) => void;

export class Narrator {
  readonly #print: PrintLine;
  readonly #running = new Map<WorkerId, AttemptId>();
  /** The workers of the attempts whose files wait to be committed. */
  readonly #answered = new Map<AttemptId, WorkerId>();
  #isResuming = false;
  #printedMs = 0;

  constructor(print: PrintLine) {
    this.#print = print;
  }

  /** Narrates an event that was handled at `nowMs`, the commands that followed, and the state after it. */
  observe(nowMs: number, event: Event, commands: readonly Command[], state: RunState): void {
    this.#narrateEvent(event, state, nowMs);
    for (const command of commands) this.#narrateCommand(command, state);
  }

  #narrateEvent(event: Event, state: RunState, nowMs: number): void {
    switch (event.type) {
      case 'chunks-written':
        return this.#print(`${plural(state.tasks.map.length, 'chunk')} written`, true);
      case 'chunk-rewritten':
        return this.#note(`chunk ${event.chunk} written again`);
      case 'worker-joined':
        return this.#note(`${event.name} joined as worker ${event.worker}, from ${event.host}`);
      case 'worker-ready':
        return this.#narrateReady(event, state);
      case 'worker-leaving':
        return this.#note(`${nameOf(event.worker, state)} is leaving: it takes no more tasks`);
      case 'worker-lost':
        return this.#narrateLoss(event.worker, event.cause, state);
      case 'attempt-failed':
        this.#narrateFailure(event.attempt, event.failure, state);
        return this.#narrateSetAside(this.#forget(event.attempt), state);
      case 'attempt-succeeded':
        return this.#narrateAnswer(event.attempt, state);
      case 'attempt-cancelled':
        this.#forget(event.attempt);
        return;
      case 'task-committed':
        this.#answered.delete(event.attempt);
        return this.#narrateProgress(event.attempt, state, nowMs);
      case 'commit-failed':
        return this.#narrateNotCommitted(event.attempt, event.message, state);
      case 'driver-resumed':
        this.#running.clear();
        this.#answered.clear();
        this.#isResuming = true;
        return this.#note('a new driver continues the run');
      case 'output-lost':
        return this.#note(`${event.message}; ${event.task} runs again`);
      case 'outputs-verified':
        if (!this.#isResuming) return;
        this.#isResuming = false;
        return this.#note(`${plural(state.reused, 'task')} of an earlier driver checked, and used as they are`);
      case 'interrupted':
        return this.#note(`interrupted by ${event.signal}`);
      case 'driver-absent':
        if (event.ms >= LONG_ABSENCE_MS) this.#note(`this driver was stopped or blocked for ${durationText(event.ms)}`);
        return;
      case 'ranges-cut':
      case 'attempt-progressed':
      case 'published':
      case 'ticked':
    }
  }

  #note(line: string): void {
    this.#print(line, false);
  }

  #narrateReady({ worker, url, pid }: Event & { type: 'worker-ready' }, state: RunState): void {
    const isFirst = (state.workers.get(worker)?.restarts ?? 0) === 0;
    this.#print(`${nameOf(worker, state)} ready at ${url}, process ${pid}`, isFirst);
  }

  #narrateLoss(worker: WorkerId, { message, place }: LossCause, state: RunState): void {
    const attempt = this.#running.get(worker);
    this.#running.delete(worker);
    const slot = state.workers.get(worker);
    const name = nameOf(worker, state);
    this.#note(`${name} lost: ${message}${attempt === undefined ? '' : `; it had ${lostText(attempt, place, state)}`}`);
    if (slot?.state === 'set-aside') {
      this.#note(`${name} set aside: no restart is left of ${state.limits.maxRespawns}`);
    }
  }

  /** A worker gets no more attempts if they fail there again and again through no fault of the job. */
  #narrateSetAside(worker: WorkerId | undefined, state: RunState): void {
    if (worker === undefined || state.workers.get(worker)?.state !== 'set-aside') return;
    this.#note(`${nameOf(worker, state)} set aside: too many attempts in a row have failed there`);
  }

  /** The worker may have been busy when an earlier attempt of it could not be committed. */
  #narrateAnswer(attempt: AttemptId, state: RunState): void {
    const worker = this.#forget(attempt);
    if (worker === undefined) return;
    this.#answered.set(attempt, worker);
    this.#narrateSetAside(worker, state);
  }

  #narrateNotCommitted(attempt: AttemptId, message: string, state: RunState): void {
    this.#note(`${attempt} not committed: ${message} (${nextText(attempt, undefined, state)})`);
    this.#narrateSetAside(this.#answered.get(attempt), state);
    this.#answered.delete(attempt);
  }

  /** Forgets that an attempt runs. Returns the worker that ran it. */
  #forget(attempt: AttemptId): WorkerId | undefined {
    for (const [worker, running] of this.#running) {
      if (running !== attempt) continue;
      this.#running.delete(worker);
      return worker;
    }
    return undefined;
  }

  #narrateCommand(command: Command, state: RunState): void {
    switch (command.type) {
      case 'start-attempt':
        this.#running.set(command.worker, command.attempt);
        if (command.backup) this.#narrateBackup(command.attempt, command.worker, state);
        return;
      case 'cancel-attempt':
        return this.#note(cancelText(command, state));
      case 'respawn-worker': {
        const { worker, delayMs, restart } = command;
        const when = delayMs === 0 ? '' : ` within ${delayMs / 1000} s`;
        const count = restart === 0 ? '' : `, restart ${restart} of ${state.limits.maxRespawns}`;
        return this.#note(`${nameOf(worker, state)} replaced: a new process is started${when}${count}`);
      }
      case 'discard':
        return this.#note(`${command.task}: its file is discarded and made again`);
      case 'rewrite-chunk':
      case 'verify':
      case 'publish':
      case 'commit':
      case 'end':
    }
  }

  #narrateBackup(attempt: AttemptId, worker: WorkerId, state: RunState): void {
    const task = taskOf(attempt, state);
    const [slow] = task?.open ?? [];
    const of = task?.bytes === undefined ? '' : ` of ${bytesText(task.bytes)}`;
    const how = slow === undefined ? '' : `: ${slow.id} is slow, ${bytesText(slow.bytes)}${of} done`;
    this.#note(`${attempt} started on ${nameOf(worker, state)} as a backup${how}`);
  }

  #narrateFailure(attempt: AttemptId, { place, message, damaged }: AttemptFailure, state: RunState): void {
    const next = damaged === undefined ? nextText(attempt, place, state) : 'made again, and tried again';
    this.#note(`${attempt} failed${atText(place)}: ${message.split('\n', 1)[0]} (${next})`);
  }

  #narrateProgress(attempt: AttemptId, state: RunState, nowMs: number): void {
    const kind = kindOf(attempt);
    const [committed, count] = [state.committed[kind], state.tasks[kind].length];
    if (committed < count && nowMs - this.#printedMs < PROGRESS_MS) return;
    this.#printedMs = nowMs;
    this.#print(`${kind} ${committed} of ${count} tasks committed`, true);
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

/** The attempt that was lost with its worker, and what happens to its task. */
function lostText(attempt: AttemptId, place: Place | undefined, state: RunState): string {
  const at = place === undefined ? '' : `,${atText(place)}`;
  if (state.phase === 'ended') return `${attempt}${at}`;
  return `${attempt}${at}, which will be tried again${isSkipped(attempt, place, state) ? ' without that record' : ''}`;
}

/** What happens to the task of an attempt that has failed. */
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
