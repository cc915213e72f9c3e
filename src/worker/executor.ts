// Runs attempts, one at a time, in a thread of their own: the server answers while the user's code does not return.

import { extname } from 'node:path';

import { type AnswerLine, type AttemptFailure, DEFAULT_HEAP_BYTES, type TaskRequest } from '../protocol.ts';
import { describeFailure } from '../tasks/failure.ts';
import { goToDriversFolder } from '../tasks/surroundings.ts';
import type { HeapWatch } from './heap-limit.ts';
import type { AttemptOrder } from './shared-progress.ts';
import { UserThread } from './user-thread.ts';

const THREAD = new URL(`thread${extname(import.meta.url)}`, import.meta.url);

/** So long after an attempt, a worker that has no other has time to start the thread of the next run. */
const IDLE_MS = 1000;

type TaskThread = UserThread<AnswerLine>;

export class Executor {
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

  get busy(): boolean {
    return this.#settle !== undefined;
  }

  /** The progress of the attempt that runs. */
  progressLine(): AnswerLine {
    const { records = 0, bytes = 0, place } = this.#thread?.progress ?? {};
    return { type: 'progress', records, bytes, ...(place === undefined ? {} : { place }), ...seenHeap(this.#heap) };
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
    let thread: TaskThread;
    try {
      thread = this.#threadFor(order.request);
    } catch (error) {
      return Promise.resolve(failed(describeFailure(error, order.request)));
    }
    const heap = thread.watchHeap();
    this.#heap = heap;
    this.#settle = (line) => {
      this.#settle = undefined;
      heap.end();
      this.#idle.refresh();
      resolve(line.type === 'done' ? { ...line, report: { ...line.report, ...seenHeap(heap) } } : line);
    };
    thread.progress.reset();
    thread.post(order);
    return promise;
  }

  /** Ends the attempt that runs, and its thread. */
  cancel(): void {
    if (!this.busy) return;
    this.#endThread();
    this.#settle?.(failed({ kind: 'refused', message: 'cancelled: the driver closed the connection' }));
  }

  /** Ends the threads. */
  close(): void {
    clearTimeout(this.#idle);
    this.#endThread();
    this.#dropSpare();
  }

  /** A thread serves all attempts of one run, and loads its job once; a new run sees the job file as it is then. */
  #threadFor(request: TaskRequest): TaskThread {
    const { runId, heapBytes } = request;
    if (this.#runId === runId && this.#thread?.heapBytes === heapBytes) return this.#thread;
    this.#endThread();
    this.#runId = runId;
    if (goToDriversFolder(request)) this.#dropSpare();
    this.#thread = this.#takeSpare(heapBytes) ?? this.#newThread(heapBytes);
    return this.#thread;
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

  #dropSpare(): void {
    this.#spare?.end();
    this.#spare = undefined;
  }

  #endThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.end();
  }
}

function seenHeap(heap: HeapWatch | undefined): { heapBytes?: number } {
  return heap?.mostBytes === undefined ? {} : { heapBytes: heap.mostBytes };
}

function failed(failure: AttemptFailure): AnswerLine {
  return { type: 'failed', failure };
}
