// Decides what happens next. Pure: an event comes in, commands go out; no clock, no process, no file is known here.
//
// A task is `waiting` until a worker is idle, `running` while an attempt of it is open, `committed` when an attempt's
// file has become its file. An attempt that fails or is lost sends its task back to waiting, until its attempts are used
// up. A worker that is lost is started again, until its restarts are used up; then it is set aside. The run ends when all
// reduce tasks are committed, when one task is out of attempts, or when no worker is left.

import type { AttemptFailure, AttemptId, AttemptReport } from '../protocol.ts';
import type { Command, Event, FailureCause, LossCause, Outcome, WorkerId } from './events.ts';
import {
  type AttemptEnd,
  newTasks,
  newWorkers,
  type OpenAttempt,
  type RunState,
  type Task,
  type WorkerSlot,
} from './state.ts';

export interface SchedulerOptions {
  readonly mapCount: number;
  readonly reduceCount: number;
  readonly workerCount: number;
  /** How many attempts a task has, lost ones included. */
  readonly maxAttempts: number;
  /** How often a worker is started again. */
  readonly maxRespawns: number;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #state: RunState;
  #commands: Command[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#state = {
      tasks: { map: newTasks('map', options.mapCount), reduce: newTasks('reduce', options.reduceCount) },
      workers: newWorkers(options.workerCount),
      open: new Map(),
      phase: 'chunk',
    };
  }

  /** The state as it is: for readers, who must not change it. */
  get state(): RunState {
    return this.#state;
  }

  /** Takes in one event and answers what to do about it, in this order. Events after the end change nothing. */
  handle(event: Event): Command[] {
    this.#commands = [];
    if (this.#state.phase !== 'ended') this.#apply(event);
    return this.#commands;
  }

  #apply(event: Event): void {
    switch (event.type) {
      case 'chunks-written':
        if (this.#state.phase === 'chunk') this.#state.phase = 'map';
        break;
      case 'worker-ready':
        this.#workerReady(event.worker, event.url, event.pid);
        break;
      case 'worker-lost':
        this.#workerLost(event.worker, event.cause);
        break;
      case 'attempt-progressed':
        return;
      case 'attempt-succeeded':
        this.#attemptSucceeded(event.attempt, event.report);
        break;
      case 'attempt-failed':
        this.#attemptFailed(event.attempt, event.failure);
        break;
      case 'task-committed':
        this.#taskCommitted(event.attempt);
        break;
      case 'interrupted':
        this.#end({ state: 'interrupted', signal: event.signal });
        break;
    }
    this.#startAttempts();
  }

  #workerReady(id: WorkerId, url: string, pid: number): void {
    const worker = this.#worker(id);
    worker.state = 'idle';
    worker.url = url;
    worker.pid = pid;
  }

  #workerLost(id: WorkerId, loss: LossCause): void {
    const worker = this.#worker(id);
    if (worker.state === 'set-aside') return;
    const attempt = worker.attempt === undefined ? undefined : this.#state.open.get(worker.attempt);
    worker.state = 'away';
    worker.attempt = undefined;
    if (attempt !== undefined && attempt.report === undefined) this.#attemptEnded(attempt, { kind: 'lost', loss });
    if (this.#state.phase === 'ended') return;
    if (worker.restarts < this.#options.maxRespawns) {
      worker.restarts++;
      this.#commands.push({ type: 'respawn-worker', worker: id, restart: worker.restarts });
      return;
    }
    worker.state = 'set-aside';
    if (![...this.#state.workers.values()].every(({ state }) => state === 'set-aside')) return;
    const task = attempt?.task ?? this.#waitingTask();
    const last = { kind: 'lost', loss } as const;
    this.#fail({ type: 'workers-used-up', task: task?.id, worker: id, restarts: worker.restarts, last });
  }

  #attemptSucceeded(id: AttemptId, report: AttemptReport): void {
    const attempt = this.#state.open.get(id);
    if (attempt === undefined || attempt.report !== undefined) return;
    attempt.report = report;
    this.#release(attempt);
    this.#commands.push({ type: 'commit', attempt: id, task: attempt.task.id });
  }

  #attemptFailed(id: AttemptId, failure: AttemptFailure): void {
    const attempt = this.#state.open.get(id);
    if (attempt === undefined || attempt.report !== undefined) return;
    this.#release(attempt);
    this.#attemptEnded(attempt, failure);
  }

  #attemptEnded({ id, task, worker }: OpenAttempt, end: AttemptEnd): void {
    this.#state.open.delete(id);
    task.current = undefined;
    if (end.kind !== 'lost' || end.loss.reached) task.failures++;
    const retry = end.kind !== 'usage' && end.kind !== 'corrupt';
    if (retry && task.failures < this.#options.maxAttempts) {
      task.state = 'waiting';
      return;
    }
    task.state = 'failed';
    this.#fail({ type: 'attempts-used-up', task: task.id, worker, attempts: task.failures, last: end });
  }

  #taskCommitted(id: AttemptId): void {
    const attempt = this.#state.open.get(id);
    if (attempt === undefined) return;
    this.#state.open.delete(id);
    attempt.task.state = 'committed';
    attempt.task.current = undefined;
    attempt.task.report = attempt.report;
    const { map, reduce } = this.#state.tasks;
    if (this.#state.phase === 'map' && map.every(isCommitted)) this.#state.phase = 'reduce';
    if (this.#state.phase === 'reduce' && reduce.every(isCommitted)) this.#end({ state: 'done' });
  }

  /** Gives waiting tasks to idle workers: any task to any worker, in the order of their numbers. */
  #startAttempts(): void {
    for (const worker of this.#state.workers.values()) {
      if (worker.state !== 'idle') continue;
      const task = this.#waitingTask();
      if (task === undefined) return;
      this.#startAttempt(task, worker);
    }
  }

  #startAttempt(task: Task, worker: WorkerSlot): void {
    task.attempts++;
    const id: AttemptId = `${task.id}.${task.attempts}`;
    task.state = 'running';
    task.current = id;
    worker.state = 'busy';
    worker.attempt = id;
    this.#state.open.set(id, { id, task, worker: worker.id, report: undefined });
    this.#commands.push({ type: 'start-attempt', attempt: id, task: task.id, worker: worker.id });
  }

  #waitingTask(): Task | undefined {
    const { phase, tasks } = this.#state;
    if (phase === 'chunk' || phase === 'ended') return undefined;
    return tasks[phase].find(({ state }) => state === 'waiting');
  }

  /** The worker is free for the next task. */
  #release({ id, worker: workerId }: OpenAttempt): void {
    const worker = this.#worker(workerId);
    if (worker.attempt !== id) return;
    worker.attempt = undefined;
    worker.state = 'idle';
  }

  #fail(cause: FailureCause): void {
    this.#end({ state: 'failed', cause });
  }

  #end(outcome: Outcome): void {
    this.#state.phase = 'ended';
    this.#commands.push({ type: 'end', outcome });
  }

  #worker(id: WorkerId): WorkerSlot {
    const worker = this.#state.workers.get(id);
    if (worker === undefined) throw new RangeError(`no worker ${id}: expected 1 to ${this.#state.workers.size}`);
    return worker;
  }
}

function isCommitted(task: Task): boolean {
  return task.state === 'committed';
}
