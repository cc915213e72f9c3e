// Assigns ports to workers: worker 1 gets the first port, each further worker the next one that is free.

import type { WorkerId } from '../../scheduler/events.ts';

export class WorkerPorts {
  readonly #ports = new Map<WorkerId, number>();
  /** Further ports that are taken, by workers without a number. */
  readonly #alsoTaken: () => Iterable<number | undefined>;

  constructor(alsoTaken: () => Iterable<number | undefined>) {
    this.#alsoTaken = alsoTaken;
  }

  reserve(id: WorkerId, port: number): void {
    this.#ports.set(id, port);
  }

  release(id: WorkerId): void {
    this.#ports.delete(id);
  }

  /** The port of a worker. If it has none, it gets the next free one from a number on. */
  portOf(id: WorkerId, from: number): number {
    return this.#ports.get(id) ?? this.moveUp(id, from);
  }

  /** Gives a worker another port: the next free one from a number on. */
  moveUp(id: WorkerId, from: number): number {
    this.#ports.delete(id);
    const port = this.nextFree(from);
    this.#ports.set(id, port);
    return port;
  }

  nextFree(from: number): number {
    const taken = new Set([...this.#ports.values(), ...this.#alsoTaken()]);
    let port = from;
    while (taken.has(port)) port++;
    return port;
  }
}
