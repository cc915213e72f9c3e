// The workers of a driver, as the driver knows them: which process is which worker, and which attempt each one was given. Messages may
// come late, come twice, or not come.

import type { Place } from '../../../src/protocol.ts';
import type { AttemptId } from '../../../src/task-ids.ts';
import type { Event, StartAttempt, WorkerId } from '../../../src/scheduler/events.ts';
import { WorkerProcess } from './worker-process.ts';
import { latencyMs, type World } from './world.ts';

/** The time for which a worker may be silent. */
const SILENCE_MS = 10_000;

export interface Order {
  readonly start: StartAttempt;
  hasBegun: boolean;
  isCancelled: boolean;
}

/** What the staff needs from its driver. A stopped driver receives and does nothing. */
interface Driver {
  readonly pauses: { readonly count: number };
  tell(event: Event): void;
  whenAwake(act: () => void): void;
  after(delayMs: number, act: () => void): void;
}

export class Staff {
  /** The attempt that each worker was given, until the worker has answered. */
  readonly orders = new Map<WorkerId, Order>();
  /** The workers that listen, as far as the driver knows. */
  readonly processes = new Map<WorkerId, WorkerProcess>();
  readonly #world: World;
  readonly #driver: Driver;
  /** The processes that were given up, but may be alive. */
  readonly #lost = new Map<WorkerId, WorkerProcess>();
  /** The workers that were silent for too long. */
  readonly #silent = new Set<WorkerProcess>();
  #isDismissed = false;
  /** The highest number of a worker so far. */
  #newest = 0;

  constructor(world: World, driver: Driver) {
    this.#world = world;
    this.#driver = driver;
  }

  /** Ends the old process if it is alive, and starts another one. */
  start(worker: WorkerId, delayMs: number): void {
    const { dice, faults } = this.#world;
    this.#newest = Math.max(this.#newest, worker);
    const startMs = faults.strikes('slow start') ? dice.integer(1000, 20_000) : dice.integer(100, 600);
    this.#driver.after(Math.round(dice.fraction() * delayMs), () => {
      if (this.#isDismissed) return;
      this.#lost.get(worker)?.end();
      this.#driver.after(startMs, () => {
        if (this.#isDismissed) return;
        if (!faults.strikes('failed start'))
          return this.#ready(worker, new WorkerProcess(this.#world, `worker ${worker}`));
        this.#driver.tell({
          type: 'worker-lost',
          worker,
          cause: { message: 'it did not start', reached: false, stderr: [] },
        });
      });
    });
  }

  /** A worker that this driver has not started, or had given up, joins under the next free number. */
  join(process: WorkerProcess): void {
    this.#driver.whenAwake(() => this.#join(process));
  }

  #join(process: WorkerProcess): void {
    if (this.#isDismissed || !process.isAlive || process.isLeaving) return;
    const worker = ++this.#newest;
    const { pid, name } = process;
    this.#driver.tell({ type: 'worker-joined', worker, name, url: `http://${name}`, pid, host: name });
    this.#driver.after(this.#world.dice.integer(0, 20), () => {
      this.#whenBothAwake(process, () => this.#ready(worker, process));
    });
  }

  /** The worker takes no more attempts, and ends when it has none. */
  leave(worker: WorkerId): void {
    this.#driver.whenAwake(() => this.#leave(worker));
  }

  #leave(worker: WorkerId): void {
    const process = this.processes.get(worker);
    if (process === undefined || process.isLeaving) return;
    process.isLeaving = true;
    this.#driver.tell({ type: 'worker-leaving', worker });
    this.#endIfDone(worker, process);
  }

  crash(worker: WorkerId): void {
    this.#crash(worker, false);
  }

  #crash(worker: WorkerId, isBlameless: boolean): void {
    const process = this.processes.get(worker);
    if (process?.isAlive !== true) return;
    process.end();
    this.#driver.after(latencyMs(this.#world), () =>
      this.#lose(worker, process, 'its process ended', undefined, isBlameless),
    );
  }

  begin(start: StartAttempt): void {
    const { worker } = start;
    const process = this.processes.get(worker);
    const order: Order = { start, hasBegun: false, isCancelled: false };
    this.orders.set(worker, order);
    if (process !== undefined) this.#driver.after(latencyMs(this.#world), () => this.#reach(worker, process, order));
  }

  cancel(attempt: AttemptId, worker: WorkerId): void {
    const { dice, faults } = this.#world;
    const process = this.processes.get(worker);
    const order = this.orders.get(worker);
    if (process === undefined || order?.start.attempt !== attempt) return;
    order.isCancelled = true;
    const delayMs = faults.strikes('slow cancel') ? dice.integer(500, 8000) : latencyMs(this.#world);
    this.#watchSilence(worker, process);
    this.#driver.after(delayMs, () => this.#whenBothAwake(process, () => this.#cancelled(worker, process, order)));
  }

  /** Ends the connections of all workers. Those that were started end; visitors may first write their files. */
  dismiss(): void {
    this.#isDismissed = true;
    for (const process of [...this.processes.values(), ...this.#lost.values(), ...this.#silent]) {
      if (!process.isVisitor) process.end();
      else if (this.#world.dice.chance(0.5)) process.giveUp();
    }
  }

  #ready(worker: WorkerId, process: WorkerProcess): void {
    if (this.#isDismissed || !process.isAlive || this.processes.has(worker)) return;
    this.processes.set(worker, process);
    this.#lost.delete(worker);
    this.#driver.tell({ type: 'worker-ready', worker, url: `http://127.0.0.1:${8000 + worker}`, pid: process.pid });
  }

  #reach(worker: WorkerId, process: WorkerProcess, order: Order): void {
    if (this.orders.get(worker) !== order) return;
    if (!process.isAlive || this.#world.faults.strikes('unreached worker')) {
      return this.#lose(worker, process, 'nobody listens');
    }
    this.#watchSilence(worker, process);
    process.whenAwake(() => this.#beginOn(worker, process, order));
  }

  #beginOn(worker: WorkerId, process: WorkerProcess, order: Order): void {
    if (this.orders.get(worker) !== order || order.isCancelled) return;
    order.hasBegun = true;
    const { task, attempt } = order.start;
    const broken = (message: string, place?: Place): void =>
      this.#driver.whenAwake(() => this.#lose(worker, process, message, place));
    const answer = (event: Event): void => this.#answer(worker, process, event);
    const isRefused = this.#world.faults.strikes('refusal') || this.#world.files.committed(task) !== undefined;
    if (!isRefused && process.begin(order.start, { answer, broken })) return;
    answer({ type: 'attempt-failed', attempt, failure: { kind: 'refused', message: 'it is busy, or the task done' } });
  }

  #cancelled(worker: WorkerId, process: WorkerProcess, order: Order): void {
    if (this.orders.get(worker) !== order) return;
    if (this.#world.faults.strikes('crash on cancel')) return this.#crash(worker, true);
    process.giveUp();
    this.orders.delete(worker);
    this.#send({ type: 'attempt-cancelled', attempt: order.start.attempt, worker });
    this.#endIfDone(worker, process);
  }

  /** Passes on a message of an attempt after some time. */
  #answer(worker: WorkerId, process: WorkerProcess, event: Event): void {
    const { dice, faults } = this.#world;
    if (event.type === 'attempt-progressed') {
      const delayMs = faults.strikes('late message') ? dice.integer(100, 20_000) : latencyMs(this.#world);
      return this.#driver.after(delayMs, () => this.#tellIfHeard(event));
    }
    const delayMs = faults.strikes('late answer') ? dice.integer(100, 30_000) : latencyMs(this.#world);
    this.#driver.after(delayMs, () => {
      if (this.#isDismissed) return;
      const order = this.orders.get(worker);
      const isAnswer = 'attempt' in event && order?.start.attempt === event.attempt && !order.isCancelled;
      if (isAnswer) this.orders.delete(worker);
      this.#send(event);
      if (isAnswer) this.#endIfDone(worker, process);
    });
  }

  /** Delivers a message now, and perhaps once more. */
  #send(event: Event): void {
    const { dice, faults } = this.#world;
    if (faults.strikes('duplicate message')) this.#driver.after(dice.scaled(1, 60_000), () => this.#tellIfHeard(event));
    this.#driver.tell(event);
  }

  #tellIfHeard(event: Event): void {
    if (!this.#isDismissed) this.#driver.tell(event);
  }

  #watchSilence(worker: WorkerId, process: WorkerProcess): void {
    const order = this.orders.get(worker);
    const pauseCount = this.#driver.pauses.count;
    this.#driver.after(SILENCE_MS, () => {
      if (order === undefined || this.orders.get(worker) !== order) return;
      const wasHere = this.#driver.pauses.count === pauseCount;
      if (process.isFrozen && wasHere) this.#giveUp(worker, process);
      else this.#watchSilence(worker, process);
    });
  }

  /** Gives up a silent worker. When it comes back, it joins as another worker. */
  #giveUp(worker: WorkerId, process: WorkerProcess): void {
    this.#lose(worker, process, 'it was silent for 10 s');
    if (this.#lost.get(worker) !== process) return;
    this.#lost.delete(worker);
    this.#silent.add(process);
    this.#awaitReturn(process);
  }

  #awaitReturn(process: WorkerProcess): void {
    const { dice } = this.#world;
    process.whenAwake(() => {
      this.#driver.after(dice.integer(1, 1000), () => {
        if (process.isFrozen || process.isBusy) this.#awaitReturn(process);
        else if (this.#silent.delete(process)) this.join(process);
      });
    });
  }

  #lose(worker: WorkerId, process: WorkerProcess, message: string, place?: Place, isBlameless = false): void {
    if (this.#isDismissed || this.processes.get(worker) !== process) return;
    const reached = this.orders.get(worker)?.hasBegun ?? false;
    this.orders.delete(worker);
    this.processes.delete(worker);
    this.#lost.set(worker, process);
    this.#driver.tell({ type: 'worker-lost', worker, cause: { message, reached, stderr: [], place, isBlameless } });
    if (process.isVisitor && !process.isLeaving && !process.isFrozen) this.#comeBack(worker, process);
  }

  /** A visitor whose connection broke keeps sending heartbeats. When it is idle, it joins again. */
  #comeBack(worker: WorkerId, process: WorkerProcess): void {
    if (this.#world.dice.chance(0.5)) process.giveUp();
    this.#awaitNotice(worker, process);
  }

  #awaitNotice(worker: WorkerId, process: WorkerProcess): void {
    this.#driver.after(this.#world.dice.integer(500, 20_000), () => {
      if (this.#lost.get(worker) !== process) return;
      this.#whenBothAwake(process, () => {
        if (process.isBusy) return this.#awaitNotice(worker, process);
        const { pid, name } = process;
        this.#driver.tell({ type: 'worker-joined', worker, name, url: `http://${name}`, pid, host: name });
        this.#ready(worker, process);
      });
    });
  }

  #whenBothAwake(process: WorkerProcess, act: () => void): void {
    process.whenAwake(() => this.#driver.whenAwake(act));
  }

  #endIfDone(worker: WorkerId, process: WorkerProcess): void {
    if (!process.isLeaving || this.orders.has(worker) || this.processes.get(worker) !== process) return;
    // It leaves later. Until then it is registered, but must not be given anything.
    this.#driver.after(this.#world.dice.integer(1, 3000), () => {
      process.end();
      this.#lose(worker, process, 'it has left');
    });
  }
}
