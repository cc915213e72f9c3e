// Runs attempts, one at a time, in a thread of their own: the server answers while the user's code does not return.

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import { messageOf } from '../errors.ts';
import type { AnswerLine, AttemptFailure } from '../protocol.ts';
import { type AttemptOrder, SharedProgress } from './shared-progress.ts';

const THREAD = new URL(`thread${extname(import.meta.url)}`, import.meta.url);

/** So long after an attempt, a worker that has no other has time to start the thread of the next run. */
const IDLE_MS = 1000;

export class Executor {
  readonly #progress = new SharedProgress();
  #thread: Worker | undefined;
  /** A thread that has loaded all but a job, for the next run. */
  #spare: Worker | undefined;
  readonly #idle = setTimeout(() => {
    if (!this.busy) this.prepare();
  }, IDLE_MS).unref();
  /** The run whose job the thread has loaded. */
  #runId: string | undefined;
  /** Ends the attempt that runs, with its result. */
  #settle: ((line: AnswerLine) => void) | undefined;

  get busy(): boolean {
    return this.#settle !== undefined;
  }

  /** The progress of the attempt that runs. */
  progressLine(): AnswerLine {
    return { type: 'progress', records: this.#progress.records, bytes: this.#progress.bytes };
  }

  /** Starts the thread of the next run, so that its first attempt does not wait for that. */
  prepare(): void {
    this.#spare ??= this.#newThread();
  }

  /** Runs an attempt to its end. Call only while not busy. */
  run(order: AttemptOrder): Promise<AnswerLine> {
    const { promise, resolve } = Promise.withResolvers<AnswerLine>();
    this.#settle = (line) => {
      this.#settle = undefined;
      this.#idle.refresh();
      resolve(line);
    };
    this.#threadFor(order.request.runId).postMessage(order);
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
    void this.#spare?.terminate();
  }

  /** A thread serves all attempts of one run, and loads its job once; a new run sees the job file as it is then. */
  #threadFor(runId: string): Worker {
    if (this.#thread !== undefined && this.#runId === runId) return this.#thread;
    this.#endThread();
    this.#runId = runId;
    this.#thread = this.#spare ?? this.#newThread();
    this.#spare = undefined;
    return this.#thread;
  }

  #newThread(): Worker {
    const thread = new Worker(THREAD, { workerData: this.#progress.memory });
    const ended = (failure: AttemptFailure): void => {
      if (this.#spare === thread) this.#spare = undefined;
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#settle?.(failed(failure));
    };
    thread.on('message', (line: AnswerLine) => {
      if (this.#thread === thread) this.#settle?.(line);
    });
    thread.on('error', (error) => ended(thrownOutside(error)));
    thread.on('exit', (code) => ended({ kind: 'job', message: `the job's code called process.exit(${code})` }));
    return thread;
  }

  #endThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
  }
}

function failed(failure: AttemptFailure): AnswerLine {
  return { type: 'failed', failure };
}

function thrownOutside(error: unknown): AttemptFailure {
  const stack = error instanceof Error ? error.stack : undefined;
  const message = `the job's code threw outside of map and reduce: ${messageOf(error)}`;
  return { kind: 'job', message, ...(stack === undefined ? {} : { stack }) };
}
