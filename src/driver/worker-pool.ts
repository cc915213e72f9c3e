// The driver's workers: those that it found listening, and those that it spawned. Says once when one is ready, and once
// when one is lost.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

import type { TaskKind, TaskRequest } from '../protocol.ts';
import type { LossCause, WorkerId } from '../scheduler/events.ts';
import type { Report } from './effects.ts';
import { urlOf } from './ports.ts';
import type { Heard, WorkerClient } from './worker-client.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A connection breaks a moment before its process is seen to end; the end of the process says more. */
const END_OF_PROCESS_MS = 500;

export interface WorkerPoolOptions {
  /** Worker 1 asks for this port, worker 2 for the next one. */
  readonly firstPort: number;
  readonly token: string;
  readonly tokenFile: string;
  /** How long a worker may be silent before it counts as lost. */
  readonly silenceMs: number;
  readonly onOutput: (worker: WorkerId, line: string) => void;
  readonly onPortTaken: (worker: WorkerId, port: number, next: number) => void;
  readonly report: Report;
}

/** One life of a worker: from the moment that it is there to its loss. */
interface Incarnation {
  client: WorkerClient | undefined;
  readonly process: WorkerProcess | undefined;
  lost: boolean;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Map<WorkerId, Incarnation>();
  readonly #ports = new Map<WorkerId, number>();
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Takes in a worker that listens already. */
  async adopt(id: WorkerId, port: number, pid: number): Promise<void> {
    this.#ports.set(id, port);
    const client = await this.#connect(port);
    this.#workers.set(id, { client, process: undefined, lost: false });
    this.#options.report({ type: 'worker-ready', worker: id, url: urlOf(port), pid });
  }

  /** Keeps a port for a worker that is to be spawned, or spawned again, there. */
  reserve(id: WorkerId, port: number): void {
    this.#ports.set(id, port);
  }

  /**
   * Starts a process for a worker, in the place of the one that it had, and waits until it runs. When it listens, or
   * ends, that is reported: `worker-ready`, `worker-lost`.
   */
  async spawn(id: WorkerId): Promise<void> {
    // Loaded here, because a run on workers that listen already spawns none.
    const { spawnWorker } = await import('./worker-process.ts');
    await this.#end(this.#workers.get(id));
    if (this.#closed) return;
    const port = this.#ports.get(id) ?? this.#freePort(id, this.#options.firstPort + id - 1);
    const process = spawnWorker({
      port,
      tokenFile: this.#options.tokenFile,
      nextPort: (taken) => this.#freePort(id, taken + 1),
      onOutput: (line) => this.#options.onOutput(id, line),
      onPortTaken: (taken) => this.#options.onPortTaken(id, taken, this.#nextFree(taken + 1)),
    });
    const incarnation: Incarnation = { client: undefined, process, lost: false };
    this.#workers.set(id, incarnation);
    void process.ended.then((end) => this.#lost(id, incarnation, { ...end, reached: true }));
    void this.#awaitReady(id, incarnation, process);
  }

  async #awaitReady(id: WorkerId, incarnation: Incarnation, process: WorkerProcess): Promise<void> {
    // Loading the client takes as long as a worker takes to start: they do it at the same time.
    await turn();
    await import('./worker-client.ts');
    const listening = await process.ready;
    if (listening === undefined || incarnation.lost) return;
    incarnation.client = await this.#connect(listening);
    this.#options.report({ type: 'worker-ready', worker: id, url: urlOf(listening), pid: process.pid ?? 0 });
  }

  /** Runs an attempt on a worker; what `heard` does not hear is a worker that was lost. */
  runTask(id: WorkerId, kind: TaskKind, request: TaskRequest, heard: Omit<Heard, 'lost'>): void {
    const incarnation = this.#workers.get(id);
    if (incarnation?.client === undefined) return;
    void incarnation.client.runTask(kind, request, {
      ...heard,
      lost: (message, reached) => void this.#connectionLost(id, incarnation, { message, reached, stderr: [] }),
    });
  }

  /** Ends all connections and every process that was spawned here, and waits until they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#workers.values()].map((incarnation) => this.#end(incarnation)));
  }

  /** The connection to a worker failed: its process, where it is ours, is ended too, and its end is the cause. */
  async #connectionLost(id: WorkerId, incarnation: Incarnation, cause: LossCause): Promise<void> {
    const { process } = incarnation;
    if (process === undefined) return this.#lost(id, incarnation, cause);
    const ended = await Promise.race([process.ended, delay(END_OF_PROCESS_MS, undefined, { ref: false })]);
    if (ended !== undefined) return;
    this.#lost(id, incarnation, { ...cause, stderr: process.stderr });
    process.kill();
  }

  #lost(id: WorkerId, incarnation: Incarnation, cause: LossCause): void {
    if (incarnation.lost || this.#closed) return;
    incarnation.lost = true;
    this.#options.report({ type: 'worker-lost', worker: id, cause });
  }

  async #end(incarnation: Incarnation | undefined): Promise<void> {
    if (incarnation === undefined) return;
    incarnation.lost = true;
    incarnation.process?.kill();
    await Promise.all([incarnation.client?.close(), incarnation.process?.ended]);
  }

  /** The HTTP client is loaded when there is a worker to talk to: until then a driver has other things to do. */
  async #connect(port: number): Promise<WorkerClient> {
    const { WorkerClient } = await import('./worker-client.ts');
    return new WorkerClient(urlOf(port), this.#options.token, this.#options.silenceMs);
  }

  #freePort(id: WorkerId, from: number): number {
    this.#ports.delete(id);
    const port = this.#nextFree(from);
    this.#ports.set(id, port);
    return port;
  }

  #nextFree(from: number): number {
    const taken = new Set(this.#ports.values());
    let port = from;
    while (taken.has(port)) port++;
    return port;
  }
}
