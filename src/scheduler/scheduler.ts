// Decides what happens next. Pure: an event and its time go in, commands come out; it knows no clock, process or file.
//
// A task is `waiting` until a worker is idle, `running` while an attempt of it is open, `committed` when an attempt's
// file has become its file. An attempt that fails, is lost or is cancelled sends its task back to waiting, until what its
// class of error allows is used up (`verdict.ts`). A committed task whose file is found damaged waits again.

import type { AttemptFailure, AttemptReport } from '../protocol.ts';
import type { AttemptId, TaskId } from '../task-ids.ts';
import { assign } from './assignments.ts';
import { usedUp, type WorkersUsedUp, workerUsedUp } from './causes.ts';
import { Closing } from './closing.ts';
import type {
  AttemptEnd,
  AttemptProgressed,
  CancelReason,
  Command,
  Event,
  FailureCause,
  LossCause,
  Outcome,
  RunLimits,
  SchedulerOptions,
  WorkerId,
} from './events.ts';
import { checkState } from './invariants.ts';
import { Plan } from './plan.ts';
import { newState, type OpenAttempt, type RunState, type Task } from './state.ts';
import { timeouts } from './timeouts.ts';
import { MOST_DAMAGES, type Verdict, verdictOn } from './verdict.ts';
import { Workforce } from './workforce.ts';

export class Scheduler {
  readonly #plan: Plan;
  readonly #workers: Workforce;
  readonly #closing = new Closing();
  /** Why the last worker that became unusable did so. */
  #lack: WorkersUsedUp | undefined;
  readonly #state: { -readonly [K in keyof RunState]: RunState[K] };
  #commands: Command[] = [];
  #nowMs: number;

  constructor(options: SchedulerOptions, nowMs = 0) {
    this.#nowMs = nowMs;
    this.#plan = new Plan(options.mapCount, options.reduceCount);
    this.#workers = new Workforce(options);
    this.#state = newState(options, this.#plan, this.#workers.slots, this.#closing);
  }

  /** The time of the last event. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The current state, for readers, which must not change it. */
  get state(): RunState {
    return this.#state;
  }

  /**
   * Handles an event that happened at `nowMs` (milliseconds of any one clock). Returns what to do about it, in this order. After
   * the end only `driver-resumed` changes anything.
   */
  handle(event: Event, nowMs: number): Command[] {
    this.#commands = [];
    this.#nowMs = nowMs;
    if (this.#state.phase === 'ended' && event.type !== 'driver-resumed') return this.#commands;
    this.#apply(event);
    this.#failWithoutWorkers();
    this.#advance();
    this.#startAttempts(event.type === 'ticked');
    return this.#commands;
  }

  #apply(event: Event): void {
    switch (event.type) {
      case 'ranges-cut':
        return void (this.#state.firstKeys = event.firstKeys);
      case 'chunks-written':
        this.#plan.setBytes(event.bytes);
        this.#state.areChunksWritten = true;
        return;
      case 'chunk-rewritten':
        return this.#plan.chunkIsThere(this.#plan.task(`map-${event.chunk}`));
      case 'worker-joined':
        return this.#workers.join(event.worker, event.name, event.host);
      case 'worker-ready':
        return this.#workers.ready(event.worker, event.url, event.pid, this.#nowMs);
      case 'worker-leaving':
        return this.#workers.leaving(event.worker);
      case 'worker-lost':
        return this.#workerLost(event.worker, event.cause);
      case 'attempt-progressed':
        return this.#progressed(event);
      case 'attempt-succeeded':
        return this.#succeeded(event.attempt, event.report);
      case 'attempt-failed':
        return this.#failed(event.attempt, event.failure);
      case 'attempt-cancelled':
        return this.#workers.release(event.worker, event.attempt, this.#nowMs);
      case 'task-committed':
        return this.#taskCommitted(event.attempt);
      case 'commit-failed':
        return this.#commitFailed(event.attempt, event.message);
      case 'published':
        return this.#closing.isPublishing ? this.#end({ state: 'done', skipped: this.#plan.skipped }) : undefined;
      case 'driver-resumed':
        return this.#resume(event.limits);
      case 'output-lost':
        return this.#outputLost(event.task, event.message);
      case 'outputs-verified':
        return this.#outputsVerified();
      case 'ticked':
        return this.#endTimeouts();
      case 'driver-absent':
        return this.#plan.leaveOut(event.ms);
      case 'interrupted':
        if (!this.#closing.defers(event.signal)) this.#end({ state: 'interrupted', signal: event.signal });
    }
  }

  #workerLost(id: WorkerId, loss: LossCause): void {
    const { attempt: had, restarts } = this.#workers.slot(id);
    const attempt = this.#plan.running(had);
    const verdict = attempt === undefined ? undefined : this.#attemptEnded(attempt, { kind: 'lost', loss });
    // Workers are not to blame for a record that ends any worker.
    if (verdict === 'skipped') this.#workers.forgive(attempt!.task.lostWith.splice(0));
    else if (loss.reached) attempt?.task.lostWith.push(id);
    const replacement = this.#workers.lost(id, verdict === 'skipped' || loss.isBlameless === true);
    if (replacement === undefined || this.#state.phase === 'ended') return;
    if (replacement !== 'none') this.#commands.push({ type: 'respawn-worker', worker: id, ...replacement });
    else this.#lack = workerUsedUp({ id, restarts }, loss, attempt);
  }

  /** Fails the run if no worker is left. Not if only commits are missing: they need no worker, unless one fails. */
  #failWithoutWorkers(): void {
    if (this.#lack === undefined || !this.#workers.isUsedUp || !this.#plan.needsWorkers) return;
    this.#fail({ ...this.#lack, task: this.#lack.task ?? this.#plan.firstWaiting(this.#state.phase)?.id });
  }

  #progressed(event: AttemptProgressed): void {
    const attempt = this.#plan.progress(event, this.#nowMs);
    if (attempt !== undefined) this.#workers.slot(attempt.worker).lastSeenMs = this.#nowMs;
  }

  #succeeded(id: AttemptId, report: AttemptReport): void {
    const attempt = this.#plan.running(id);
    if (attempt === undefined) return;
    this.#workers.release(attempt.worker, id, this.#nowMs);
    const failure = this.#plan.counterNames.add(report);
    if (failure !== undefined) return void this.#attemptEnded(attempt, failure);
    attempt.report = report;
    const file = { task: attempt.task.id, bytes: report.bytesOut, checksum: report.checksum };
    this.#commands.push({ type: 'commit', attempt: id, ...file });
    for (const other of attempt.task.open.filter((one) => one !== attempt)) this.#cancel(other, 'won');
  }

  #failed(id: AttemptId, failure: AttemptFailure): void {
    const attempt = this.#plan.running(id);
    if (attempt === undefined) return;
    this.#workers.release(attempt.worker, id, this.#nowMs);
    if (failure.kind === 'system' || failure.kind === 'refused') this.#workers.hasFailed(attempt.worker);
    this.#attemptEnded(attempt, failure);
  }

  #taskCommitted(id: AttemptId): void {
    const attempt = this.#plan.open.get(id);
    if (attempt?.report === undefined) return;
    const { task, report, worker, isOutdated, backup } = attempt;
    const outdated = this.#plan.commit(attempt, report, this.#nowMs);
    this.#closing.changed();
    this.#workers.hasCommitted(worker);
    if (backup) this.#state.backups = { ...this.#state.backups, won: this.#state.backups.won + 1 };
    for (const reduce of isOutdated ? [task] : outdated) this.#undo(reduce);
  }

  #commitFailed(id: AttemptId, message: string): void {
    const attempt = this.#plan.open.get(id);
    if (attempt?.report === undefined) return;
    this.#workers.hasFailed(attempt.worker);
    this.#attemptEnded(attempt, { kind: 'system', message });
  }

  /** An attempt has ended without a commit: what happens next depends on its class of error. */
  #attemptEnded(attempt: OpenAttempt, end: AttemptEnd): Verdict {
    const { task, worker } = attempt;
    const verdict = verdictOn(task, end, this.#state);
    if (verdict === 'chunk-damaged') this.#rewriteChunk(task, end);
    this.#plan.drop(attempt);
    if (verdict === 'map-output-damaged') this.#mapOutputLost(end);
    if (verdict === 'skipped') this.#state.skippedCount++;
    if (verdict === 'too-many-skipped') {
      const { skipBadRecords: limit } = this.#state.limits;
      this.#fail({ type: 'too-many-bad-records', task: task.id, worker, limit, last: end });
    }
    // Also if the other attempt may still succeed: if it did not, the next one would be one attempt too many.
    if (verdict === 'used-up' || verdict === 'unusable') {
      task.state = 'failed';
      this.#fail(usedUp(task, worker, end));
    }
    return verdict;
  }

  /** Called before the attempt is dropped: its task must not wait for a worker, but for its chunk. */
  #rewriteChunk(task: Task, end: AttemptEnd): void {
    if (task.lacksChunk || end.kind !== 'corrupt' || !this.#countDamage(task, end.message)) return;
    task.lacksChunk = true;
    this.#commands.push({ type: 'rewrite-chunk', chunk: task.index });
  }

  #mapOutputLost(end: AttemptEnd): void {
    if (end.kind !== 'corrupt') return;
    const task = this.#plan.tasks.map[end.damaged?.task ?? -1];
    if (task !== undefined) this.#outputLost(task.id, end.message);
  }

  #outputLost(id: TaskId, message: string): void {
    const task = this.#plan.task(id);
    if (task.state !== 'committed' || !this.#countDamage(task, message)) return;
    this.#undo(task);
    const { stoppedBy: signal } = this.#closing;
    if (signal !== undefined) return this.#end({ state: 'interrupted', signal });
    // What they read is gone, or will be another file.
    for (const attempt of this.#plan.open.values()) {
      const reads = task.kind === 'map' && attempt.task.kind === 'reduce';
      if (reads && attempt.report === undefined) this.#cancel(attempt, 'outdated');
    }
  }

  #countDamage(task: Task, message: string): boolean {
    task.damages++;
    if (task.damages > MOST_DAMAGES) this.#fail({ type: 'damaged-again', task: task.id, times: task.damages, message });
    return this.#state.phase !== 'ended';
  }

  #undo(task: Task): void {
    this.#plan.undo(task);
    this.#closing.changed();
    this.#commands.push({ type: 'discard', task: task.id });
  }

  #cancel(attempt: OpenAttempt, reason: CancelReason): void {
    const { id, worker } = attempt;
    this.#plan.drop(attempt);
    this.#workers.stop(worker, id);
    this.#commands.push({ type: 'cancel-attempt', attempt: id, worker, reason });
  }

  #endTimeouts(): void {
    for (const [attempt, failure] of timeouts(this.#plan.open.values(), this.#state.limits)) {
      const { id, place, worker } = attempt;
      this.#commands.push({ type: 'cancel-attempt', attempt: id, worker, reason: 'timeout', place });
      this.#workers.stop(worker, id);
      this.#attemptEnded(attempt, failure);
      if (this.#state.phase === 'ended') return;
    }
  }

  /** Another driver resumes: all open attempts are lost with the one before, and the files that it left are verified. */
  #resume(limits: RunLimits): void {
    this.#state.limits = limits;
    this.#plan.restart();
    this.#workers.begin(limits);
    this.#state.phase = 'chunk';
    this.#state.areChunksWritten = false;
    this.#lack = undefined;
    this.#commands.push(this.#closing.resume(this.#plan.files()));
  }

  #outputsVerified(): void {
    this.#closing.isVerifying = false;
    // Before any attempt of this driver begins.
    if (this.#state.phase === 'chunk') this.#state.reused = this.#plan.committed.map + this.#plan.committed.reduce;
  }

  #advance(): void {
    const before = this.#state.phase;
    if (before === 'ended' || !this.#state.areChunksWritten || this.#closing.isVerifying) return;
    this.#state.phase = this.#plan.isDone('map') ? 'reduce' : 'map';
    const isComplete = this.#state.phase === 'reduce' && this.#plan.isDone('reduce');
    if (isComplete) this.#commands.push(...this.#closing.next(this.#plan));
    if (this.#state.phase !== before) checkState(this.#state);
  }

  #startAttempts(isTick: boolean): void {
    const started = assign(this.#plan, this.#workers, this.#state, isTick, this.#nowMs);
    if (started.length === 0) return;
    const { backups } = this.#state;
    this.#state.backups = { ...backups, started: backups.started + started.filter(({ backup }) => backup).length };
    this.#commands.push(...started);
  }

  #fail(cause: FailureCause): void {
    this.#end({ state: 'failed', cause });
  }

  #end(outcome: Outcome): void {
    if (this.#state.phase === 'ended') return;
    this.#state.phase = 'ended';
    this.#commands.push({ type: 'end', outcome });
  }
}
