// The driver's workers: those that it found listening, those that it spawned, and those that join. Says once when one is
// ready, and once when one is lost. One that was silent for too long is left alone, and taken in again where it comes back.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

import type { TaskRequest, WorkerToken } from '../../protocol.ts';
import type { AttemptId, TaskKind } from '../../task-ids.ts';
import type { LossCause, WorkerId } from '../../scheduler/events.ts';
import type { Dispatch } from '../loop/effects.ts';
import { ENDS_ITSELF, type Incarnation, NOTHING_YET } from './incarnation.ts';
import { HOST, urlOf } from '../../wire/address.ts';
import type { Heard, Loss, WorkerClient } from './worker-client.ts';
import { WorkerPorts } from './port-assignment.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A connection breaks a moment before its process is seen to end; the end of the process says more. */
const END_OF_PROCESS_MS = 500;
/** How often a worker that was silent is asked whether it is back. */
const SILENT_LOOK_MS = 500;
/** Of a delay before a restart, at least this share is waited: the rest is drawn, so that many do not start at once. */
const LEAST_DELAY_SHARE = 0.5;

export interface WorkerPoolOptions {
  /** Worker 1 asks for this port, worker 2 for the next one. */
  readonly firstPort: number;
  /** The token of workers that the pool has not spawned. */
  readonly token: string;
  /** Whose requests the workers run that it spawns. */
  readonly spawnedObey: WorkerToken;
  /** How long a worker may be silent before it counts as lost. */
  readonly silenceMs: number;
  readonly onOutput: (worker: WorkerId, line: string) => void;
  readonly onPortTaken: (worker: WorkerId, port: number, next: number) => void;
  /** Workers cannot listen, neither here nor elsewhere: to go on is of no use. */
  readonly onPortRefused: (error: unknown) => void;
  /** The record that a careful attempt was at when its worker was lost. */
  readonly placeOf?: (attempt: AttemptId) => LossCause['place'];
  readonly dispatch: Dispatch;
}

/** A worker that the driver has not started. */
export interface Arrival {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Map<WorkerId, Incarnation>();
  /** Those that were silent for too long. */
  readonly #silent = new Set<Incarnation>();
  readonly #ports = new WorkerPorts(() => [...this.#silent].map(({ port }) => port));
  /** The ports of lost workers that have said that they are there, and are being asked. */
  readonly #asked = new Set<number>();
  readonly #end = new AbortController();
  #newest = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Takes in a worker that listens already. */
  async adopt(id: WorkerId, port: number, pid: number, isVisitor = false): Promise<void> {
    this.reserve(id, port);
    const client = await this.#connect(port, this.#options.token);
    // It may have said that it is back while it was found to be.
    if (this.at(port) !== undefined || this.#isClosed) return client.close();
    this.#workers.set(id, { ...NOTHING_YET, client, isVisitor, port });
    this.#options.dispatch({ type: 'worker-ready', worker: id, url: urlOf(port), pid });
  }

  /** The next number that no worker has. */
  nextId(): WorkerId {
    return ++this.#newest;
  }

  /** Takes in a worker that comes by itself, or comes back. */
  async join(id: WorkerId, { name, host, port, pid }: Arrival): Promise<void> {
    // Another process under its name: what the one before had is lost, and must be said to be.
    this.lose(id, 'another process has its name');
    this.#options.dispatch({ type: 'worker-joined', worker: id, name, host, url: urlOf(port), pid });
    await this.#close(this.#workers.get(id));
    if (!this.#isClosed) await this.adopt(id, port, pid, true);
  }

  /**
   * A worker that had joined, and was lost since, says that it is idle: its connection broke, or it was busy with
   * something else. It is taken in again if it says the same to us.
   */
  async rejoin(id: WorkerId, arrival: Arrival): Promise<void> {
    const { port } = arrival;
    if (this.#asked.has(port)) return;
    this.#asked.add(port);
    const client = await this.#connect(port, this.#options.token);
    const stop = (): void => void client.close();
    this.#end.signal.addEventListener('abort', stop);
    const health = await client.health();
    this.#end.signal.removeEventListener('abort', stop);
    await client.close();
    this.#asked.delete(port);
    if (health?.state === 'idle' && this.at(port) === undefined && !this.#isClosed) await this.join(id, arrival);
  }

  /** The worker that listens on a port, as far as is known. */
  at(port: number): WorkerId | undefined {
    for (const [id, incarnation] of this.#workers) if (incarnation.port === port && !incarnation.lost) return id;
    return undefined;
  }

  /** Whether an attempt runs on a worker: then its answer says that it lives. */
  isBusy(id: WorkerId): boolean {
    return this.#workers.get(id)?.attempt !== undefined;
  }

  /** A worker is gone, as far as anybody else has seen. */
  lose(id: WorkerId, message: string): void {
    const incarnation = this.#workers.get(id);
    if (incarnation !== undefined) this.#lost(id, incarnation, { message, reached: true, stderr: [] });
  }

  /** Keeps a port for a worker that is to be spawned, or spawned again, there. */
  reserve(id: WorkerId, port: number): void {
    this.#newest = Math.max(this.#newest, id);
    this.#ports.reserve(id, port);
  }

  /** Starts a process in the place of one that was lost, after a random part of the delay. */
  async respawn(id: WorkerId, delayMs: number): Promise<void> {
    const part = LEAST_DELAY_SHARE + (1 - LEAST_DELAY_SHARE) * Math.random();
    if (delayMs > 0) await delay(delayMs * part, undefined, { signal: this.#end.signal }).catch(() => {});
    await this.spawn(id);
  }

  /**
   * Starts a process for a worker, in the place of the one that it had, and waits until it runs. When it listens, or
   * ends, that is reported: `worker-ready`, `worker-lost`.
   */
  async spawn(id: WorkerId): Promise<void> {
    // Loaded here, because a run on workers that listen already spawns none.
    const { spawnWorker } = await import('./worker-process.ts');
    this.#newest = Math.max(this.#newest, id);
    await this.#close(this.#workers.get(id));
    if (this.#isClosed) return;
    const port = this.#ports.portOf(id, this.#options.firstPort + id - 1);
    const process = spawnWorker({
      port,
      token: this.#options.spawnedObey,
      nextPort: (taken) => this.#ports.moveUp(id, taken + 1),
      onOutput: (line) => this.#options.onOutput(id, line),
      onPortTaken: (taken) => this.#options.onPortTaken(id, taken, this.#ports.nextFree(taken + 1)),
      onPortRefused: this.#options.onPortRefused,
    });
    const incarnation: Incarnation = { ...NOTHING_YET, process };
    this.#workers.set(id, incarnation);
    void process.ended.then((end) => this.#lost(id, incarnation, { ...end, reached: true }));
    void this.#awaitReady(id, incarnation, process);
  }

  async #awaitReady(id: WorkerId, incarnation: Incarnation, process: WorkerProcess): Promise<void> {
    const { spawnedObey } = this.#options;
    // Loading the client takes as long as a worker takes to start: they do it at the same time.
    await turn();
    if (spawnedObey.of === 'parent') await import('./worker-client.ts');
    const listening = await process.ready;
    if (listening === undefined || incarnation.lost) return;
    incarnation.port = listening;
    if (spawnedObey.of === 'parent') incarnation.client = await this.#connect(listening, spawnedObey.token);
    this.#options.dispatch({ type: 'worker-ready', worker: id, url: urlOf(listening), pid: process.pid ?? 0 });
  }

  /** Runs an attempt on a worker; what `heard` does not hear is a worker that was lost. */
  runTask(id: WorkerId, kind: TaskKind, attempt: AttemptId, request: TaskRequest, heard: Omit<Heard, 'lost'>): void {
    const incarnation = this.#workers.get(id);
    if (incarnation?.client === undefined) return;
    incarnation.attempt = attempt;
    const ended = (): void => void (incarnation.attempt = undefined);
    void incarnation.client.runTask(kind, request, {
      progressed: (progress) => heard.progressed(progress),
      succeeded: (report) => (ended(), heard.succeeded(report)),
      failed: (failure) => {
        incarnation.isStopping = failure.endsWorker === true;
        // Before the failure: nothing may begin there any more.
        if (incarnation.isStopping) this.#options.dispatch({ type: 'worker-leaving', worker: id });
        ended();
        heard.failed(failure);
        if (incarnation.isStopping) void this.#connectionLost(id, incarnation, ENDS_ITSELF);
      },
      lost: (loss) => void this.#connectionLost(id, incarnation, loss),
    });
  }

  /** Ends an attempt; says so when its worker is free. */
  async cancel(id: WorkerId, attempt: AttemptId): Promise<void> {
    const incarnation = this.#workers.get(id);
    if (incarnation?.client === undefined || incarnation.attempt !== attempt) return;
    incarnation.isStopping = true;
    const found = await incarnation.client.cancel();
    if (incarnation.lost) return;
    incarnation.attempt = undefined;
    if (found === 'free') {
      incarnation.isStopping = false;
      return this.#options.dispatch({ type: 'attempt-cancelled', attempt, worker: id });
    }
    const message = `${found} when ${attempt} was cancelled`;
    await this.#connectionLost(id, incarnation, { message, reached: true, isSilent: found === 'silent' });
  }

  /** Ends all connections and every process that was spawned here, and waits until they are gone. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all([...this.#workers.values(), ...this.#silent].map((incarnation) => this.#close(incarnation)));
  }

  get #isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  /** The connection to a worker failed. Where its process is ours, its end says more. */
  async #connectionLost(id: WorkerId, incarnation: Incarnation, loss: Loss): Promise<void> {
    const { process } = incarnation;
    const { message, isSilent, ...cause } = loss;
    if (isSilent) return this.#leaveAlone(id, incarnation, message);
    if (process === undefined) return this.#lost(id, incarnation, { message, ...cause, stderr: [] });
    const ended = await Promise.race([process.ended, delay(END_OF_PROCESS_MS, undefined, { ref: false })]);
    if (ended !== undefined) return;
    this.#lost(id, incarnation, { message, ...cause, stderr: process.stderr });
    process.kill();
  }

  #lost(id: WorkerId, incarnation: Incarnation, cause: LossCause): void {
    if (incarnation.lost || this.#isClosed) return;
    incarnation.lost = true;
    const { attempt } = incarnation;
    const place = attempt === undefined ? undefined : this.#options.placeOf?.(attempt);
    const what = {
      ...cause,
      ...(place === undefined ? {} : { place }),
      ...(incarnation.isStopping ? { isBlameless: true } : {}),
    };
    this.#options.dispatch({ type: 'worker-lost', worker: id, cause: what });
  }

  /**
   * A worker that says nothing may be stopped, or its machine may be frozen: what it did counts as lost, and another one
   * takes its place, on another port. Where it comes back, it is one more worker; one that had come by itself is itself.
   */
  #leaveAlone(id: WorkerId, incarnation: Incarnation, message: string): void {
    if (incarnation.lost || this.#isClosed) return;
    this.#workers.delete(id);
    this.#ports.release(id);
    this.#silent.add(incarnation);
    this.#lost(id, incarnation, { message, reached: true, stderr: incarnation.process?.stderr ?? [] });
    void this.#awaitReturn(id, incarnation);
  }

  async #awaitReturn(id: WorkerId, incarnation: Incarnation): Promise<void> {
    const { client, port, isVisitor } = incarnation;
    while (!this.#isClosed && client !== undefined && port !== undefined) {
      const health = await client.health();
      // A visitor may have said by itself that it is back.
      const isKnown = this.at(port) !== undefined;
      if (isKnown || (health?.state === 'idle' && !this.#isClosed)) {
        this.#silent.delete(incarnation);
        if (!isKnown && !isVisitor) return this.#takeBack(id, incarnation, port, health!.pid);
        await client.close();
        if (!isKnown) await this.adopt(id, port, health!.pid, true);
        return;
      }
      await delay(SILENT_LOOK_MS, undefined, { ref: false });
    }
  }

  /** Another worker has taken its place. */
  #takeBack(id: WorkerId, { client, process }: Incarnation, port: number, pid: number): void {
    const back = this.nextId();
    this.#ports.reserve(back, port);
    const returned: Incarnation = { ...NOTHING_YET, client, process, port };
    this.#workers.set(back, returned);
    void process?.ended.then((end) => this.#lost(back, returned, { ...end, reached: true }));
    const url = urlOf(port);
    this.#options.dispatch({ type: 'worker-joined', worker: back, name: `worker ${id} (back)`, host: HOST, url, pid });
    this.#options.dispatch({ type: 'worker-ready', worker: back, url, pid });
  }

  async #close(incarnation: Incarnation | undefined): Promise<void> {
    if (incarnation === undefined) return;
    incarnation.lost = true;
    incarnation.process?.kill();
    await Promise.all([incarnation.client?.close(), incarnation.process?.ended]);
  }

  /** The HTTP client is loaded when there is a worker to talk to: until then a driver has other things to do. */
  async #connect(port: number, token: string): Promise<WorkerClient> {
    const { WorkerClient } = await import('./worker-client.ts');
    const client = new WorkerClient(urlOf(port), token, this.#options.silenceMs);
    client.prepare();
    return client;
  }
}
