// Runs attempts, one at a time, in a thread of their own: the server answers while the user's code does not return.

import { extname } from 'node:path';

import { type AnswerLine, type AttemptFailure, DEFAULT_HEAP_BYTES } from '../protocol.ts';
import { describeFailure } from '../tasks/failure.ts';
import { goToDriversFolder } from '../tasks/enter-environment.ts';
import type { HeapWatch } from './heap-limit.ts';
import type { AttemptOrder } from './shared-progress.ts';
import { UserThread } from './user-thread.ts';

const THREAD = new URL(`task-thread${extname(import.meta.url)}`, import.meta.url);

/** So long after an attempt, a worker that has no other has time to start the thread of the next run. */
const IDLE_MS = 1000;

type TaskThread = UserThread<AnswerLine>;

export class Executor {
  readonly #abandon: () => void;
  /** How many threads have been told to end, and have not yet. */
  #endingCount = 0;
  #thread: TaskThread | undefined;
  /** A thread that has loaded all but a job, for the next run. */
  #spare: TaskThread | undefined;
  readonly #idle = setTimeout(() => {
    if (!this.busy) this.prepare();
  }, IDLE_MS).unref();
  /** The run whose job the thread has loaded. */
  #runId: string | undefined;
  /** Looks at the heap of the attempt that runs. */
  #heap: HeapWatch | undefined;
  /** Ends the attempt that runs, with its result. */
  #settle: ((line: AnswerLine) => void) | undefined;

  /** `abandon` is called if a thread cannot be ended: nothing more is to be run in this process. */
  constructor(abandon: () => void = () => {}) {
    this.#abandon = abandon;
  }

  /** Whether an attempt runs, or the thread of one that was given up has not ended yet. */
  get busy(): boolean {
    return this.#settle !== undefined || this.#endingCount > 0;
  }

  /** The progress of the attempt that runs. */
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

  /** Starts the thread of the next run, so that its first attempt does not wait for that. */
  prepare(): void {
    try {
      this.#spare ??= this.#newThread(DEFAULT_HEAP_BYTES);
    } catch {
      // The machine gives no thread now. If it gives none to the attempt either, that fails, and says why.
    }
  }

  /** Runs an attempt to its end. Call only while not busy. */
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

  /** Ends the attempt that runs, and its thread. */
  cancel(): void {
    if (this.#settle === undefined) return;
    void this.#endThread();
    this.#settle(failed({ kind: 'refused', message: 'cancelled: the driver closed the connection' }));
  }

  /** Ends the process, after an answer that says so. */
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
   * A thread serves all attempts of one run, and loads its job once; a new run sees the job file as it is then. The thread
   * before ends first: what its job has left there is not to run beside the next one.
   */
  async #beginAnew(order: AttemptOrder, settle: (line: AnswerLine) => void): Promise<void> {
    const { runId, heapBytes } = order.request;
    await this.#endThread();
    // It has been cancelled meanwhile.
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

  /** The limit of a thread's heap stands when it starts. */
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

  /** A thread has ended by itself, or is ended for what it did. */
  #ended(thread: TaskThread, failure: AttemptFailure): void {
    if (this.#spare === thread) this.#spare = undefined;
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#settle?.(failed(failure));
  }

  /** It has run no code of a job yet: nobody has to wait for its end. */
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
