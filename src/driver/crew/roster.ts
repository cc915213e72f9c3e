// The roster: which workers a driver has, and of each whether it is there, busy, silent or lost, and which port it has.
// Pure bookkeeping: nothing here starts, asks or ends anything.

import type { LossCause, WorkerId } from '../../scheduler/events.ts';
import type { AttemptId } from '../../task-ids.ts';
import { WorkerPorts } from './port-assignment.ts';
import type { WorkerClient } from './worker-client.ts';
import type { WorkerProcess } from './worker-process.ts';

/** One life of a worker: from its start or arrival to its loss. */
export interface Incarnation {
  client: WorkerClient | undefined;
  /** It has joined: no process is started in its place, and when it returns it keeps its number. */
  readonly isVisitor: boolean;
  readonly process: WorkerProcess | undefined;
  port: number | undefined;
  attempt: AttemptId | undefined;
  /** It is giving up an attempt, or ends because it cannot. If it is lost meanwhile, that is not its fault. */
  isStopping: boolean;
  lost: boolean;
}

export class Roster {
  /** The latest life of each worker, also if it is lost; not that of a silent worker. */
  readonly #workers = new Map<WorkerId, Incarnation>();
  /** The workers that were silent for too long. Another worker has their number. */
  readonly #silent = new Set<Incarnation>();
  readonly #ports = new WorkerPorts(() => [...this.#silent].map(({ port }) => port));
  #newest = 0;

  /** The next number that no worker has. */
  nextId(): WorkerId {
    return ++this.#newest;
  }

  /** From now on a worker has this number. */
  claim(id: WorkerId): void {
    this.#newest = Math.max(this.#newest, id);
  }

  /** Keeps a port for a worker that is to be spawned, or spawned again, there. */
  reserve(id: WorkerId, port: number): void {
    this.claim(id);
    this.#ports.reserve(id, port);
  }

  /** The port that a worker is to ask for: the one reserved for it, or the next free one from a number on. */
  portFor(id: WorkerId, from: number): number {
    return this.#ports.portOf(id, from);
  }

  /** Gives a worker the next free port after one that is taken by something else. */
  movePast(id: WorkerId, taken: number): number {
    return this.#ports.moveUp(id, taken + 1);
  }

  nextFreePort(after: number): number {
    return this.#ports.nextFree(after + 1);
  }

  /** Begins a life of a worker, in place of the one before. */
  enter(id: WorkerId, known: Partial<Incarnation>): Incarnation {
    const incarnation: Incarnation = {
      client: undefined,
      isVisitor: false,
      process: undefined,
      port: undefined,
      attempt: undefined,
      isStopping: false,
      lost: false,
      ...known,
    };
    this.#workers.set(id, incarnation);
    return incarnation;
  }

  find(id: WorkerId): Incarnation | undefined {
    return this.#workers.get(id);
  }

  /** The worker that listens on a port, as far as is known. */
  at(port: number): WorkerId | undefined {
    for (const [id, incarnation] of this.#workers) if (incarnation.port === port && !incarnation.lost) return id;
    return undefined;
  }

  isBusy(id: WorkerId): boolean {
    return this.#workers.get(id)?.attempt !== undefined;
  }

  /** Takes the number and the port from a worker that was silent for too long: another process will have them. */
  setAside(id: WorkerId, incarnation: Incarnation): void {
    this.#workers.delete(id);
    this.#ports.release(id);
    this.#silent.add(incarnation);
  }

  /** A silent worker is back, or has joined again. */
  endSilence(incarnation: Incarnation): void {
    this.#silent.delete(incarnation);
  }

  /** The latest life of every worker, lost and silent ones included. */
  get everyone(): readonly Incarnation[] {
    return [...this.#workers.values(), ...this.#silent];
  }
}

/** Marks a worker as lost. Returns `false` if it was lost before: a loss is reported once. */
export function markLost(incarnation: Incarnation): boolean {
  if (incarnation.lost) return false;
  incarnation.lost = true;
  return true;
}

/** The cause of a loss as the scheduler is to judge it. `place` is the record that the worker was at. */
export function judgedCause({ isStopping }: Incarnation, cause: LossCause, place: LossCause['place']): LossCause {
  return { ...cause, ...(place === undefined ? {} : { place }), ...(isStopping ? { isBlameless: true } : {}) };
}
