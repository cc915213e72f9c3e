// Runs attempts, one at a time, in a thread of their own: the server answers while the user's code does not return.

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import { codeOf, messageOf } from '../errors.ts';
import { type AnswerLine, type AttemptFailure, DEFAULT_HEAP_BYTES, type TaskRequest } from '../protocol.ts';
import { type Excess, type HeapWatch, resourceLimitsOf, watchHeap } from './heap-limit.ts';
import { type AttemptOrder, SharedProgress } from './shared-progress.ts';

const THREAD = new URL(`thread${extname(import.meta.url)}`, import.meta.url);

/** So long after an attempt, a worker that has no other has time to start the thread of the next run. */
const IDLE_MS = 1000;

/** A thread, and what it tells of itself while it runs. */
interface UserThread {
  readonly worker: Worker;
  readonly progress: SharedProgress;
  readonly heapBytes: number;
}

export class Executor {
  #thread: UserThread | undefined;
  /** A thread that has loaded all but a job, for the next run. */
  #spare: UserThread | undefined;
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
    this.#spare ??= this.#newThread(DEFAULT_HEAP_BYTES);
  }

  /** Runs an attempt to its end. Call only while not busy. */
  run(order: AttemptOrder): Promise<AnswerLine> {
    const { promise, resolve } = Promise.withResolvers<AnswerLine>();
    const thread = this.#threadFor(order.request);
    const heap = watchHeap(thread.worker, thread.heapBytes, (where) => {
      this.#ended(thread, outOfMemory(thread.heapBytes, where));
      void thread.worker.terminate();
    });
    this.#heap = heap;
    this.#settle = (line) => {
      this.#settle = undefined;
      heap.end();
      this.#idle.refresh();
      resolve(line.type === 'done' ? { ...line, report: { ...line.report, ...seenHeap(heap) } } : line);
    };
    thread.progress.reset();
    thread.worker.postMessage(order);
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
    void this.#spare?.worker.terminate();
  }

  /** A thread serves all attempts of one run, and loads its job once; a new run sees the job file as it is then. */
  #threadFor({ runId, heapBytes }: TaskRequest): UserThread {
    if (this.#runId === runId && this.#thread?.heapBytes === heapBytes) return this.#thread;
    this.#endThread();
    this.#runId = runId;
    this.#thread = this.#takeSpare(heapBytes) ?? this.#newThread(heapBytes);
    return this.#thread;
  }

  /** The limit of a thread's heap stands when it starts. */
  #takeSpare(heapBytes: number): UserThread | undefined {
    if (this.#spare?.heapBytes !== heapBytes) return undefined;
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #newThread(heapBytes: number): UserThread {
    const progress = new SharedProgress();
    const worker = new Worker(THREAD, { workerData: progress.memory, resourceLimits: resourceLimitsOf(heapBytes) });
    const thread = { worker, progress, heapBytes };
    worker.on('message', (line: AnswerLine) => {
      if (this.#thread === thread) this.#settle?.(line);
    });
    worker.on('error', (error) => this.#ended(thread, causeOf(error, heapBytes)));
    worker.on('exit', (code) => {
      this.#ended(thread, { kind: 'job', message: `the job's code called process.exit(${code})` });
    });
    return thread;
  }

  /** A thread has ended by itself, or is about to be ended for what it did. */
  #ended(thread: UserThread, failure: AttemptFailure): void {
    if (this.#spare === thread) this.#spare = undefined;
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const { place } = thread.progress;
    this.#settle?.(failed(place === undefined ? failure : { ...failure, place }));
  }

  #endThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.worker.terminate();
  }
}

function seenHeap(heap: HeapWatch | undefined): { heapBytes?: number } {
  return heap?.mostBytes === undefined ? {} : { heapBytes: heap.mostBytes };
}

function failed(failure: AttemptFailure): AnswerLine {
  return { type: 'failed', failure };
}

/** Why a thread has ended: its heap, or an error that nobody caught. */
function causeOf(error: unknown, heapBytes: number): AttemptFailure {
  if (codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory(heapBytes, 'heap');
  const stack = error instanceof Error ? error.stack : undefined;
  const message = `the job's code threw outside of map and reduce: ${messageOf(error)}`;
  return { kind: 'job', message, ...(stack === undefined ? {} : { stack }) };
}

function outOfMemory(heapBytes: number, where: Excess): AttemptFailure {
  const limit = `${Math.round(heapBytes / 1024 ** 2).toLocaleString('en')} MiB`;
  const what = where === 'heap' ? `${limit} of heap` : `${limit} outside of the heap, such as in Buffers`;
  return { kind: 'memory', message: `out of memory: the job's code used more than its limit of ${what}` };
}
