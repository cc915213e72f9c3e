// A thread for the user's code, in workers and in the job host: limits its memory and reports how it ended.

import { Worker } from 'node:worker_threads';

import { codeOf, messageOf } from '../errors.ts';
import { Patience } from '../machine/patience.ts';
import { addressSpaceLimit, outOfAddresses } from '../machine/process-limits.ts';
import type { AttemptFailure } from '../protocol.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { type Excess, type HeapWatch, resourceLimitsOf, watchHeap } from './heap-limit.ts';
import { SharedProgress } from './shared-progress.ts';

/** A thread that has not ended this long after it was told to cannot be ended. */
const STUCK_MS = 4000;

export interface UserThreadOptions<Message> {
  /** The module that the thread runs. It receives the shared memory of `progress` as its `workerData`. */
  readonly entry: URL;
  readonly heapBytes: number;
  readonly onMessage: (message: Message) => void;
  /**
   * Called once, when the thread has ended without being told to; or when it uses too much memory and has been ended, if
   * that is possible. Not called after `end()`.
   */
  readonly onEnd: (failure: AttemptFailure) => void;
}

/** The message that a thread sends before `process.exit()` ends it: the file and line of the call, as `path:line`. */
export interface Exiting {
  readonly exitingAt: string;
}

export class UserThread<Message extends object> {
  /** The progress that the thread shares while it runs. */
  readonly progress = new SharedProgress();
  readonly heapBytes: number;
  readonly #worker: Worker;
  readonly #onEnd: (failure: AttemptFailure) => void;
  #exitingAt: string | undefined;
  #hasEnded = false;

  constructor({ entry, heapBytes, onMessage, onEnd }: UserThreadOptions<Message>) {
    this.heapBytes = heapBytes;
    this.#onEnd = onEnd;
    this.#worker = new Worker(entry, {
      workerData: this.progress.memory,
      resourceLimits: resourceLimitsOf(heapBytes),
    });
    this.#worker.on('message', (message: Message | Exiting) => {
      if ('exitingAt' in message) this.#exitingAt = message.exitingAt;
      else if (!this.#hasEnded) onMessage(message);
    });
    this.#worker.on('error', (error) => this.#ended(causeOf(error, heapBytes)));
    this.#worker.on('exit', (code) => {
      const at = this.#exitingAt === undefined ? '' : ` at ${this.#exitingAt}`;
      this.#ended({ kind: 'job', message: `the job's code called process.exit(${code})${at}` });
    });
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Enforces the heap limit of the thread from now on, until `end` of the result is called. */
  watchHeap(): HeapWatch {
    return watchHeap(this.#worker, this.heapBytes, (where) => void this.#holdsTooMuch(where));
  }

  /** Ends the thread. Returns `false` if that is impossible, because the thread is in a call that does not return. */
  async end(): Promise<boolean> {
    this.#hasEnded = true;
    const { promise: stuck, resolve } = Promise.withResolvers<boolean>();
    using _patience = new Patience(STUCK_MS, () => resolve(false));
    return await Promise.race([this.#worker.terminate().then(() => true), stuck]);
  }

  async #holdsTooMuch(where: Excess): Promise<void> {
    if (this.#hasEnded) return;
    const failure = this.#placed(outOfMemory(this.heapBytes, where));
    this.#onEnd((await this.end()) ? failure : { ...failure, endsWorker: true });
  }

  #ended(failure: AttemptFailure): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(this.#placed(failure));
  }

  #placed(failure: AttemptFailure): AttemptFailure {
    const { place } = this.progress;
    return place === undefined ? failure : { ...failure, place };
  }
}

/** Why a thread has ended: it used up its heap, or nobody caught an error. */
function causeOf(error: unknown, heapBytes: number): AttemptFailure {
  if (codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
    // Our own limit is reached long before that of V8, so this is the limit of the address space, if there is one.
    const limit = addressSpaceLimit();
    return limit === undefined ? outOfMemory(heapBytes, 'heap') : { kind: 'system', message: outOfAddresses(limit) };
  }
  // The machine does not let the thread start. If the job's own code was refused something, that is for the job to handle.
  if (codeOf(error) === 'ERR_WORKER_INIT_FAILED') return { kind: 'system', message: messageOf(refusedCall(error)) };
  const stack = error instanceof Error ? error.stack : undefined;
  const message = `the job's code threw outside of map and reduce: ${messageOf(error)}`;
  return { kind: 'job', message, ...(stack === undefined ? {} : { stack }) };
}

function outOfMemory(heapBytes: number, where: Excess): AttemptFailure {
  const limit = `${Math.round(heapBytes / 1024 ** 2).toLocaleString('en')} MiB`;
  const what = where === 'heap' ? `${limit} of heap` : `${limit} outside of the heap, such as in Buffers`;
  return { kind: 'memory', message: `out of memory: the job's code used more than its limit of ${what}` };
}
