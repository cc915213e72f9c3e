// The workers of a run: which are idle, which are started again and after how long, and which are set aside.

import type { AttemptId } from '../task-ids.ts';
import type { RunLimits, WorkerId } from './events.ts';
import { must } from './invariants.ts';
import { newWorker, type WorkerSlot } from './state.ts';

/** The first restart is immediate, the second comes after this long, and each further one after twice the time. */
const FIRST_DELAY_MS = 250;
const MOST_DELAY_MS = 10_000;
/** A worker is set aside after this many failed attempts in a row that were not the job's fault. */
const MOST_FAILURES_IN_A_ROW = 4;

/** What to do about a worker that was lost. */
export type Replacement = { readonly restart: number; readonly delayMs: number } | 'none';

export class Workforce {
  readonly slots = new Map<WorkerId, WorkerSlot>();
  readonly #idle = new Set<WorkerSlot>();
  #limits: RunLimits;
  /** How many workers are usable, or may become so. */
  #usable = 0;

  constructor(limits: RunLimits) {
    this.#limits = limits;
    this.begin(limits);
  }

  /** All workers are new: nothing listens yet. */
  begin(limits: RunLimits): void {
    this.#limits = limits;
    this.slots.clear();
    this.#idle.clear();
    for (let id = 1; id <= limits.workerCount; id++) this.slots.set(id, newWorker(id));
    this.#usable = limits.workerCount;
  }

  /** Whether no worker is left, and none can come back. */
  get isUsedUp(): boolean {
    return this.#usable === 0;
  }

  /** The worker that has been idle for longest. */
  get nextIdle(): WorkerSlot | undefined {
    for (const slot of this.#idle) return slot;
    return undefined;
  }

  join(id: WorkerId, name: string, host: string): void {
    if (this.slots.has(id)) return;
    const slot = newWorker(id, name, true);
    slot.state = 'gone';
    slot.host = host;
    this.slots.set(id, slot);
  }

  /** A worker listens. If it was set aside it stays so, unless it has joined. */
  ready(id: WorkerId, url: string, pid: number, nowMs: number): void {
    const slot = this.slot(id);
    const isBack = slot.state === 'gone' || (slot.state === 'set-aside' && slot.joined);
    if (slot.state !== 'away' && !isBack) return;
    if (isBack) this.#usable++;
    slot.url = url;
    slot.pid = pid;
    slot.lastSeenMs = nowMs;
    slot.failuresInARow = 0;
    slot.state = 'idle';
    this.#idle.add(slot);
  }

  leaving(id: WorkerId): void {
    const slot = this.slot(id);
    if (slot.state !== 'idle' && slot.state !== 'busy' && slot.state !== 'stopping') return;
    this.#idle.delete(slot);
    slot.state = 'leaving';
  }

  /**
   * A worker, or the process that was to become one, is gone. Returns undefined if it was gone already. If the loss `isForgiven`,
   * it does not use up a restart.
   */
  lost(id: WorkerId, isForgiven = false): Replacement | undefined {
    const slot = this.slot(id);
    if (slot.state === 'set-aside' || slot.state === 'gone') return undefined;
    this.#idle.delete(slot);
    slot.attempt = undefined;
    if (slot.joined) {
      this.#drop(slot, 'gone');
      return 'none';
    }
    if (!isForgiven && slot.restarts >= this.#limits.maxRespawns) {
      this.#drop(slot, 'set-aside');
      return 'none';
    }
    slot.state = 'away';
    if (!isForgiven) slot.restarts++;
    return { restart: slot.restarts, delayMs: delayOf(slot.restarts) };
  }

  /** Gives a restart back to each of these workers that has used one. */
  forgive(ids: readonly WorkerId[]): void {
    for (const id of ids) {
      const slot = this.slot(id);
      if (slot.state !== 'set-aside' && slot.restarts > 0) slot.restarts--;
    }
  }

  /** An idle worker begins an attempt. */
  occupy(slot: WorkerSlot, attempt: AttemptId): void {
    must(slot.state === 'idle', `${slot.name} is idle when it is given ${attempt}`);
    this.#idle.delete(slot);
    slot.state = 'busy';
    slot.attempt = attempt;
  }

  /** A worker is giving up its attempt: until it has, it cannot do anything else. */
  stop(id: WorkerId, attempt: AttemptId): void {
    const slot = this.slot(id);
    if (slot.attempt === attempt && slot.state === 'busy') slot.state = 'stopping';
  }

  /** A worker has ended its attempt. */
  release(id: WorkerId, attempt: AttemptId, nowMs: number): void {
    const slot = this.slots.get(id);
    if (slot === undefined || slot.attempt !== attempt) return;
    slot.lastSeenMs = nowMs;
    slot.attempt = undefined;
    if (slot.state !== 'busy' && slot.state !== 'stopping') return;
    slot.state = 'idle';
    this.#idle.add(slot);
    this.#setAsideIfBad(slot);
  }

  /** An attempt of this worker was committed. */
  hasCommitted(id: WorkerId): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    slot.committed++;
    slot.failuresInARow = 0;
  }

  /** An attempt failed for a reason that may be the worker's. A worker that keeps failing is set aside once it is idle. */
  hasFailed(id: WorkerId): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    slot.failuresInARow++;
    this.#setAsideIfBad(slot);
  }

  #setAsideIfBad(slot: WorkerSlot): void {
    if (slot.failuresInARow < MOST_FAILURES_IN_A_ROW || slot.state !== 'idle' || this.#usable < 2) return;
    this.#idle.delete(slot);
    this.#drop(slot, 'set-aside');
  }

  /** @throws RangeError if there is no such worker */
  slot(id: WorkerId): WorkerSlot {
    const slot = this.slots.get(id);
    if (slot === undefined) throw new RangeError(`no worker ${id}: expected 1 to ${this.slots.size}`);
    return slot;
  }

  #drop(slot: WorkerSlot, state: 'gone' | 'set-aside'): void {
    slot.state = state;
    this.#usable--;
  }
}

function delayOf(restart: number): number {
  return restart <= 1 ? 0 : Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** (restart - 2));
}
