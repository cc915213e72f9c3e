// The driver's workers: those that it found listening, those that it spawned, and those that join. Starts, connects, asks and
// ends them; `roster.ts` keeps the books. Dispatches once when a worker is ready, and once when it is lost.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

import type { TaskRequest, WorkerToken } from '../../protocol.ts';
import type { LossCause, WorkerId } from '../../scheduler/events.ts';
import type { AttemptId, TaskKind } from '../../task-ids.ts';
import { HOST, urlOf } from '../../wire/address.ts';
import type { Dispatch } from '../loop/effects.ts';
import { awaitReturn } from './await-return.ts';
import { type Incarnation, judgedCause, markLost, Roster } from './roster.ts';
import type { AttemptListener, Loss, WorkerClient } from './worker-client.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A connection breaks a moment before the end of its process is seen, and that end says more. */
const END_OF_PROCESS_MS = 500;
/** At least this share of a delay before a restart is waited. The rest is random, so that many workers do not start at once. */
const LEAST_DELAY_SHARE = 0.5;

/** The loss of a worker that has announced in its answer that it ends itself. */
const ENDS_ITSELF: Loss = { message: "it ends its process with the job's code", reached: true, isSilent: false };

export interface WorkerPoolOptions {
  /** Worker 1 asks for this port, worker 2 for the next one. */
  readonly firstPort: number;
  /** The token of workers that the pool has not spawned. */
  readonly token: string;
  /** Whose requests spawned workers run. */
  readonly spawnedObey: WorkerToken;
  /** How long a worker may be silent before it counts as lost. */
  readonly silenceMs: number;
  readonly onOutput: (worker: WorkerId, line: string) => void;
  readonly onPortTaken: (worker: WorkerId, port: number, next: number) => void;
  /** The system does not let workers listen, on this port or any other: it is of no use to continue. */
  readonly onPortRefused: (error: unknown) => void;
  /** Returns the record that a careful attempt was at when its worker was lost. */
  readonly placeOf?: (attempt: AttemptId) => LossCause['place'];
  readonly dispatch: Dispatch;
}

/** A worker that has joined. */
export interface Arrival {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #roster = new Roster();
  /** The ports of lost workers that have announced that they are there, and are being asked. */
  readonly #asked = new Set<number>();
  readonly #end = new AbortController();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Adds a worker that listens already. */
  async adopt(id: WorkerId, port: number, pid: number, isVisitor = false): Promise<void> {
    this.reserve(id, port);
    const client = await this.#connect(port, this.#options.token);
    // While it was found to be back, it may have joined again.
    if (this.at(port) !== undefined || this.#isClosed) return client.close();
    this.#roster.enter(id, { client, isVisitor, port });
    this.#options.dispatch({ type: 'worker-ready', worker: id, url: urlOf(port), pid });
  }

  /** The next number that no worker has. */
  nextId(): WorkerId {
    return this.#roster.nextId();
  }

  /** Adds a worker that joins, for the first time or again. */
  async join(id: WorkerId, { name, host, port, pid }: Arrival): Promise<void> {
    // If another process has taken the name, the one before is lost with its attempt, and that must be reported.
    this.lose(id, 'another process has its name');
    this.#options.dispatch({ type: 'worker-joined', worker: id, name, host, url: urlOf(port), pid });
    await this.#close(this.#roster.find(id));
    if (!this.#isClosed) await this.adopt(id, port, pid, true);
  }

  /**
   * A worker that had joined and was lost since announces that it is idle: its connection broke, or it was busy with
   * something else. It joins again if it gives the same answer to our own request.
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
    return this.#roster.at(port);
  }

  /** Whether an attempt runs on a worker: then its answer shows whether it is alive. */
  isBusy(id: WorkerId): boolean {
    return this.#roster.isBusy(id);
  }

  /** A worker is gone, as somebody else has found out. */
  lose(id: WorkerId, message: string): void {
    const incarnation = this.#roster.find(id);
    if (incarnation !== undefined) this.#lost(id, incarnation, { message, reached: true, stderr: [] });
  }

  /** Keeps a port for a worker that is to be spawned, or spawned again, there. */
  reserve(id: WorkerId, port: number): void {
    this.#roster.reserve(id, port);
  }

  /** Starts a process in place of one that was lost, after a random part of the delay. */
  async respawn(id: WorkerId, delayMs: number): Promise<void> {
    const part = LEAST_DELAY_SHARE + (1 - LEAST_DELAY_SHARE) * Math.random();
    if (delayMs > 0) await delay(delayMs * part, undefined, { signal: this.#end.signal }).catch(() => {});
    await this.spawn(id);
  }

  /**
   * Starts a process for a worker, in place of the one that it had, and waits until it runs. Dispatches `worker-ready`
   * when it listens, or `worker-lost` when it ends.
   */
  async spawn(id: WorkerId): Promise<void> {
    // Loaded here, because a run on workers that listen already spawns none.
    const { spawnWorker } = await import('./worker-process.ts');
    this.#roster.claim(id);
    await this.#close(this.#roster.find(id));
    if (this.#isClosed) return;
    const process = spawnWorker({
      port: this.#roster.portFor(id, this.#options.firstPort + id - 1),
      token: this.#options.spawnedObey,
      nextPort: (taken) => this.#roster.movePast(id, taken),
      onOutput: (line) => this.#options.onOutput(id, line),
      onPortTaken: (taken) => this.#options.onPortTaken(id, taken, this.#roster.nextFreePort(taken)),
      onPortRefused: this.#options.onPortRefused,
    });
    const incarnation = this.#roster.enter(id, { process });
    void process.ended.then((end) => this.#lost(id, incarnation, { ...end, reached: true }));
    void this.#awaitReady(id, incarnation, process);
  }

  async #awaitReady(id: WorkerId, incarnation: Incarnation, process: WorkerProcess): Promise<void> {
    const { spawnedObey } = this.#options;
    // Loading the client takes as long as a worker takes to start: both happen at the same time.
    await turn();
    if (spawnedObey.of === 'parent') await import('./worker-client.ts');
    const listening = await process.ready;
    if (listening === undefined || incarnation.lost) return;
    incarnation.port = listening;
    if (spawnedObey.of === 'parent') incarnation.client = await this.#connect(listening, spawnedObey.token);
    this.#options.dispatch({ type: 'worker-ready', worker: id, url: urlOf(listening), pid: process.pid ?? 0 });
  }

  /** Runs an attempt on a worker. If the worker is lost, nothing more is passed to `listener`. */
  runTask(
    id: WorkerId,
    kind: TaskKind,
    attempt: AttemptId,
    request: TaskRequest,
    listener: Omit<AttemptListener, 'lost'>,
  ): void {
    const incarnation = this.#roster.find(id);
    if (incarnation?.client === undefined) return;
    incarnation.attempt = attempt;
    void incarnation.client.runTask(kind, request, {
      progressed: (progress) => listener.progressed(progress),
      succeeded: (report) => {
        incarnation.attempt = undefined;
        listener.succeeded(report);
      },
      failed: (failure) => {
        incarnation.isStopping = failure.endsWorker === true;
        // Before the failure: nothing may begin there any more.
        if (incarnation.isStopping) this.#options.dispatch({ type: 'worker-leaving', worker: id });
        incarnation.attempt = undefined;
        listener.failed(failure);
        if (incarnation.isStopping) void this.#connectionLost(id, incarnation, ENDS_ITSELF);
      },
      lost: (loss) => void this.#connectionLost(id, incarnation, loss),
    });
  }

  /** Cancels an attempt. Dispatches `attempt-cancelled` when its worker is free, or `worker-lost`. */
  async cancel(id: WorkerId, attempt: AttemptId): Promise<void> {
    const incarnation = this.#roster.find(id);
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
    await Promise.all(this.#roster.everyone.map((incarnation) => this.#close(incarnation)));
  }

  get #isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  /** The connection to a worker failed. If its process is ours, how that ends says more. */
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
    if (this.#isClosed || !markLost(incarnation)) return;
    const { attempt } = incarnation;
    const place = attempt === undefined ? undefined : this.#options.placeOf?.(attempt);
    this.#options.dispatch({ type: 'worker-lost', worker: id, cause: judgedCause(incarnation, cause, place) });
  }

  /**
   * A silent worker may be stopped, or its machine frozen: what it did counts as lost, and another worker takes its place,
   * on another port. If a worker that was started comes back, it is an additional worker; one that had joined is itself.
   */
  #leaveAlone(id: WorkerId, incarnation: Incarnation, message: string): void {
    if (incarnation.lost || this.#isClosed) return;
    this.#roster.setAside(id, incarnation);
    this.#lost(id, incarnation, { message, reached: true, stderr: incarnation.process?.stderr ?? [] });
    void this.#awaitReturn(id, incarnation);
  }

  async #awaitReturn(id: WorkerId, incarnation: Incarnation): Promise<void> {
    const { client, port, isVisitor } = incarnation;
    if (client === undefined || port === undefined) return;
    const back = await awaitReturn(client, () => this.at(port) !== undefined, this.#end.signal);
    if (back === undefined) return;
    this.#roster.endSilence(incarnation);
    if (back !== 'joined' && !isVisitor) return this.#takeBack(id, incarnation, port, back);
    await client.close();
    if (back !== 'joined') await this.adopt(id, port, back, true);
  }

  /** Gives a worker that is back a new number: another worker has taken its place. */
  #takeBack(id: WorkerId, { client, process }: Incarnation, port: number, pid: number): void {
    const back = this.nextId();
    this.#roster.reserve(back, port);
    const returned = this.#roster.enter(back, { client, process, port });
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
