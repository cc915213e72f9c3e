// Runs attempts, one at a time, in another thread: the server keeps responding while the user's code does not return.

import { extname } from 'node:path';

import { type AnswerLine, type AttemptFailure, DEFAULT_HEAP_BYTES } from '../protocol.ts';
import { describeFailure } from '../tasks/failure.ts';
import { goToDriversFolder } from '../tasks/enter-environment.ts';
import type { HeapWatch } from './heap-limit.ts';
import type { AttemptOrder } from './shared-progress.ts';
import { UserThread } from './user-thread.ts';

const THREAD = new URL(`task-thread${extname(import.meta.url)}`, import.meta.url);

/** If no other attempt comes for this long, a worker has time to start the thread of the next run. */
const IDLE_MS = 1000;

type TaskThread = UserThread<AnswerLine>;

export class Executor {
  readonly #abandon: () => void;
  /** The number of threads that are being ended. */
  #endingCount = 0;
  #thread: TaskThread | undefined;
  /** A thread for the next run, which has loaded everything but a job. */
  #spare: TaskThread | undefined;
  readonly #idle = setTimeout(() => {
    if (!this.busy) this.prepare();
  }, IDLE_MS).unref();
  /** The run whose job the thread has loaded. */
  #runId: string | undefined;
  /** Watches the heap of the current attempt. */
  #heap: HeapWatch | undefined;
  /** Ends the current attempt with its result. */
  #settle: ((line: AnswerLine) => void) | undefined;

  /** `abandon` is called if a thread cannot be ended: then this process must not run anything else. */
  constructor(abandon: () => void = () => {}) {
    this.#abandon = abandon;
  }

  /** Whether an attempt runs, or the thread of a cancelled one has not ended yet. */
  get busy(): boolean {
    return this.#settle !== undefined || this.#endingCount > 0;
  }

  /** The progress of the current attempt. */
  progressLine(): AnswerLine {
    const progress = this.#thread?.progress;
    const { records = 0, bytes = 0, steps = 0, place } = progress ?? {};
    if (progress?.isWaiting === true) progress.steps++;
    return {
      type: 'progress',
      records,
      bytes,
      steps,
      ...(place === undefined ? {} : { place }),
      ...seenHeap(this.#heap),
    };
  }

  /** Starts the thread of the next run, so that its first attempt need not wait for it. */
  prepare(): void {
    try {
      this.#spare ??= this.#newThread(DEFAULT_HEAP_BYTES);
    } catch {
      // The machine gives no thread now. If it gives none to the attempt either, the attempt fails with the reason.
    }
  }

  /** Runs an attempt to its end. Must be called only while not busy. */
  run(order: AttemptOrder): Promise<AnswerLine> {
    const { promise, resolve } = Promise.withResolvers<AnswerLine>();
    this.#heap = undefined;
    this.#settle = (line) => {
      this.#settle = undefined;
      const heap = this.#heap;
      heap?.end();
      this.#idle.refresh();
      resolve(line.type === 'done' ? { ...line, report: { ...line.report, ...seenHeap(heap) } } : line);
    };
    const { runId, heapBytes } = order.request;
    if (this.#runId === runId && this.#thread?.heapBytes === heapBytes) this.#begin(order, this.#thread);
    else void this.#beginAnew(order, this.#settle);
    return promise;
  }

  /** Ends the current attempt and its thread. */
  cancel(): void {
    if (this.#settle === undefined) return;
    void this.#endThread();
    this.#settle(failed({ kind: 'refused', message: 'cancelled: the driver closed the connection' }));
  }

  /** Ends the process, after a response that announced it. */
  abandon(): void {
    this.#abandon();
  }

  /** Ends the threads. */
  close(): void {
    clearTimeout(this.#idle);
    void this.#thread?.end();
    this.#dropSpare();
  }

  #begin(order: AttemptOrder, thread: TaskThread): void {
    this.#heap = thread.watchHeap();
    thread.progress.reset();
    thread.post(order);
  }

  /**
   * Starts an attempt in a new thread. A thread serves all attempts of one run and loads its job once; a new run loads the job
   * file as it is then. The thread before ends first: nothing that its job has left may run beside the next one.
   */
  async #beginAnew(order: AttemptOrder, settle: (line: AnswerLine) => void): Promise<void> {
    const { runId, heapBytes } = order.request;
    await this.#endThread();
    // The attempt has been cancelled in the meantime.
    if (this.#settle !== settle) return;
    this.#runId = runId;
    try {
      if (goToDriversFolder(order.request)) this.#dropSpare();
      this.#thread = this.#takeSpare(heapBytes) ?? this.#newThread(heapBytes);
    } catch (error) {
      return settle(failed(describeFailure(error, order.request)));
    }
    this.#begin(order, this.#thread);
  }

  /** The spare thread, if it has this heap limit: a thread's limit is set when it starts. */
  #takeSpare(heapBytes: number): TaskThread | undefined {
    if (this.#spare?.heapBytes !== heapBytes) return undefined;
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #newThread(heapBytes: number): TaskThread {
    const thread: TaskThread = new UserThread({
      entry: THREAD,
      heapBytes,
      onMessage: (line) => {
        if (this.#thread === thread) this.#settle?.(line);
      },
      onEnd: (failure) => this.#ended(thread, failure),
    });
    return thread;
  }

  /** A thread has ended without being told to, or was ended because of what it did. */
  #ended(thread: TaskThread, failure: AttemptFailure): void {
    if (this.#spare === thread) this.#spare = undefined;
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#settle?.(failed(failure));
  }

  /** The spare thread has run no code of a job yet, so nothing needs to wait for its end. */
  #dropSpare(): void {
    void this.#spare?.end();
    this.#spare = undefined;
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    this.#endingCount++;
    if (await thread.end()) this.#endingCount--;
    else this.#abandon();
  }
}

function seenHeap(heap: HeapWatch | undefined): { heapBytes?: number } {
  return heap?.mostBytes === undefined ? {} : { heapBytes: heap.mostBytes };
}

function failed(failure: AttemptFailure): AnswerLine {
  return { type: 'failed', failure };
}
