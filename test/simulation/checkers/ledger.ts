// Counts independently what a run has used up, from the events alone: failures, losses, damages and skipped records per task, and
// restarts per worker.

import type { AttemptFailure, Place } from '../../../src/protocol.ts';
import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type {
  Command,
  Event,
  FailureCause,
  LossCause,
  RunLimits,
  StartAttempt,
  WorkerId,
} from '../../../src/scheduler/events.ts';
import type { Plan } from '../plan.ts';
import { taskOf } from '../world/job.ts';
import type { Scene, Seen } from './checker.ts';

export interface TaskAccount {
  failures: number;
  /** The failures when this driver began. */
  failuresBefore: number;
  losses: number;
  /** Whether it has lost a worker, under this driver or before. */
  hasLost: boolean;
  damages: number;
  /** The damages when this driver began. */
  damagesBefore: number;
  /** Whether it has failed in a way that no other attempt can fix. */
  isHopeless: boolean;
  /** Whether it has ended the run. */
  hasEndedRun: boolean;
  lacksChunk: boolean;
  isCommitted: boolean;
  readonly suspects: Set<string>;
  readonly skipped: Set<string>;
  /** The workers that were lost with attempts of this task since the last record was skipped. */
  lostWith: WorkerId[];
}

interface OpenAccount {
  readonly start: StartAttempt;
  hasSucceeded: boolean;
  place: Place | undefined;
}

export class Ledger {
  readonly name = 'ledger';
  limits: RunLimits;
  readonly open = new Map<AttemptId, OpenAccount>();
  readonly restarts = new Map<WorkerId, number>();
  readonly #plan: Plan;
  readonly #tasks = new Map<TaskId, TaskAccount>();
  readonly #setAside = new Set<WorkerId>();
  /** Whether the current loss of a worker happened at a record that is skipped from now on. */
  #isForgiven = false;
  #hasEnded = false;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.limits = plan.options;
  }

  task(id: TaskId): TaskAccount {
    let account = this.#tasks.get(id);
    if (account === undefined) {
      account = {
        failures: 0,
        failuresBefore: 0,
        losses: 0,
        hasLost: false,
        damages: 0,
        damagesBefore: 0,
        isHopeless: false,
        hasEndedRun: false,
        lacksChunk: false,
        isCommitted: false,
        suspects: new Set(),
        skipped: new Set(),
        lostWith: [],
      };
      this.#tasks.set(id, account);
    }
    return account;
  }

  /** The number of skipped records. */
  get skippedCount(): number {
    return this.#tasks.values().reduce((count, { skipped }) => count + skipped.size, 0);
  }

  /** The number of failures of a task that ends the run: a record is skipped only after its second, and each driver may try once. */
  mostFailures({ failuresBefore }: TaskAccount): number {
    const { skipBadRecords, maxAttempts } = this.limits;
    return Math.max(failuresBefore + 1, skipBadRecords > 0 ? 2 : 1, maxAttempts);
  }

  readonly saw = ({ event, commands }: Seen): void => {
    if (this.#hasEnded && event.type !== 'driver-resumed') return;
    this.#isForgiven = false;
    this.#enter(event);
    if (event.type === 'worker-lost' && !commands.some(({ type }) => type === 'respawn-worker')) {
      this.#setAside.add(event.worker);
    }
    this.#hasEnded = commands.some(({ type }) => type === 'end');
    for (const command of commands) this.#decided(command);
  };

  /** Only the events in the journal count: a driver's last moments may not have been reported to anything else. */
  readonly resumed = (_: Scene, history: readonly Seen[]): void => {
    this.limits = this.#plan.options;
    this.#tasks.clear();
    this.open.clear();
    this.restarts.clear();
    this.#setAside.clear();
    this.#hasEnded = false;
    for (const seen of history) this.saw(seen);
  };

  #enter(event: Event): void {
    switch (event.type) {
      case 'attempt-progressed':
        return this.#progressed(event.attempt, event.place);
      case 'attempt-succeeded':
        return this.#succeeded(event.attempt);
      case 'attempt-failed':
        return this.#failed(event.attempt, event.failure);
      case 'worker-lost':
        return this.#lost(event.worker, event.cause);
      case 'task-committed':
        return this.#committed(event.attempt);
      case 'commit-failed':
        return this.#notCommitted(event.attempt);
      case 'chunk-rewritten':
        this.task(`map-${event.chunk}`).lacksChunk = false;
        return;
      case 'output-lost':
        return this.#outputLost(event.task);
      case 'driver-resumed':
        return this.#resume(event.limits);
      default:
        return;
    }
  }

  #decided(command: Command): void {
    switch (command.type) {
      case 'start-attempt':
        this.open.set(command.attempt, { start: command, hasSucceeded: false, place: undefined });
        return;
      case 'cancel-attempt':
        if (command.reason === 'timeout') {
          this.#ended(
            this.task(taskOf(command.attempt)),
            command.attempt,
            'failures',
            this.open.get(command.attempt)?.place,
          );
        }
        this.open.delete(command.attempt);
        return;
      case 'respawn-worker':
        if (!this.#isForgiven) this.restarts.set(command.worker, (this.restarts.get(command.worker) ?? 0) + 1);
        return;
      case 'discard':
        this.task(command.task).isCommitted = false;
        return;
      case 'end':
        if (command.outcome.state === 'failed') this.#failedBy(command.outcome.cause);
        return;
      default:
        return;
    }
  }

  #failedBy({ type, task }: FailureCause): void {
    if (type === 'attempts-used-up' || type === 'losses-used-up') this.task(task).hasEndedRun = true;
  }

  #progressed(attempt: AttemptId, place: Place | undefined): void {
    const open = this.open.get(attempt);
    if (open !== undefined) open.place = place;
  }

  #succeeded(attempt: AttemptId): void {
    const open = this.open.get(attempt);
    if (open !== undefined) open.hasSucceeded = true;
  }

  #committed(attempt: AttemptId): void {
    if (this.open.delete(attempt)) this.task(taskOf(attempt)).isCommitted = true;
  }

  #notCommitted(attempt: AttemptId): void {
    if (this.open.delete(attempt)) this.task(taskOf(attempt)).failures++;
  }

  #failed(attempt: AttemptId, { kind, place, damaged }: AttemptFailure): void {
    const open = this.open.get(attempt);
    if (open === undefined || open.hasSucceeded) return;
    this.open.delete(attempt);
    const task = this.task(taskOf(attempt));
    if (kind === 'usage' || kind === 'input') task.isHopeless = true;
    if (damaged?.file === 'map-output') return this.#outputLost(`map-${damaged.task}`);
    if (damaged?.file === 'chunk') return this.#chunkLost(damaged.task);
    const isOfTheJob = kind === 'job' || kind === 'memory';
    this.#ended(task, attempt, 'failures', isOfTheJob ? place : undefined);
  }

  #lost(worker: WorkerId, { reached, place, isBlameless = false }: LossCause): void {
    this.#isForgiven = isBlameless;
    for (const [attempt, { start, hasSucceeded }] of this.open) {
      if (start.worker !== worker || hasSucceeded) continue;
      this.open.delete(attempt);
      if (!reached) continue;
      const task = this.task(start.task);
      task.hasLost = true;
      const before = task.skipped.size;
      this.#ended(task, attempt, 'losses', place);
      if (task.skipped.size > before) this.#forgive(task);
      else task.lostWith.push(worker);
    }
  }

  /** Workers are not blamed for a record that ends every process that runs it. */
  #forgive(task: TaskAccount): void {
    this.#isForgiven = true;
    for (const worker of task.lostWith) {
      const restarts = this.restarts.get(worker) ?? 0;
      if (restarts > 0 && !this.#setAside.has(worker)) this.restarts.set(worker, restarts - 1);
    }
    task.lostWith = [];
  }

  /** The second end at the same record gives back what the first one has counted. */
  #ended(task: TaskAccount, attempt: AttemptId, what: 'failures' | 'losses', place: Place | undefined): void {
    const isRecord = attempt.startsWith('map') && place !== undefined && !('key' in place);
    if (!isRecord || this.limits.skipBadRecords === 0) {
      task[what]++;
      return;
    }
    const record = `${place.slice}:${place.offset}`;
    if (task.suspects.has(record)) {
      // A record that may not be skipped ends the run.
      if (this.skippedCount >= this.limits.skipBadRecords) return;
      task.suspects.delete(record);
      task.skipped.add(record);
      task[what] = what === 'losses' ? 0 : Math.max(0, task[what] - 1);
    } else {
      if (!task.skipped.has(record)) task.suspects.add(record);
      task[what]++;
    }
  }

  #chunkLost(chunk: number): void {
    const task = this.task(`map-${chunk}`);
    if (!task.lacksChunk) task.damages++;
    task.lacksChunk = true;
  }

  #outputLost(id: TaskId): void {
    const task = this.task(id);
    if (task.isCommitted) task.damages++;
  }

  #resume(limits: RunLimits): void {
    for (const task of this.#tasks.values()) {
      if (task.hasEndedRun) task.failures = 0;
      task.failuresBefore = task.failures;
      task.damagesBefore = task.damages;
      task.hasEndedRun = false;
      task.losses = 0;
      task.lostWith = [];
      task.isHopeless = false;
      task.lacksChunk = false;
    }
    this.limits = limits;
    this.open.clear();
    this.restarts.clear();
    this.#setAside.clear();
  }
}
