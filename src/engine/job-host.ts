// The driver's side of the job host: a process in which the user's code runs if it does not run in a worker, so that it cannot
// crash, block or fill the memory of the driver, or print to its streams. It ends with the driver, even if that is killed.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { compileCache } from '../driver/crew/compile-cache.ts';
import type { InputFile } from '../driver/inputs/inputs.ts';
import { errorOf, InterruptedError, JobError, messageOf, SystemError, UsageError } from '../errors.ts';
import type { Slice } from '../formats/chunk/chunk.ts';
import { addressSpaceLimit, outOfAddresses } from '../machine/process-limits.ts';
import { type Place, placeText } from '../protocol.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { DEFAULTS } from '../options/run-options.ts';
import { type HostAnswers, type HostNews, type HostOrder, type JobDescription, OUTPUT_FD } from './host-messages.ts';
import { Patience } from '../machine/patience.ts';
import type { RecordPlace } from './left-out-records.ts';
import type { SequentialProgress } from './sequential-run.ts';

const ENTRY = fileURLToPath(new URL(`../host/host-main${extname(import.meta.url)}`, import.meta.url));
/** A job file that takes longer to load hangs, or is not a job file. In milliseconds. */
const LOAD_MS = 30_000;
/** How long to wait for the last output of a process that has ended: a child of it may keep the streams open. */
const LAST_WORDS_MS = 500;
const NOTHING = (): void => {};
/** The signals with which V8 ends a process if it gets no memory. */
const CRASHES: ReadonlySet<string> = new Set(['SIGTRAP', 'SIGILL', 'SIGABRT', 'SIGSEGV']);

export interface HostOptions {
  readonly heapBytes: number;
  /** How long the job's code may make no progress after it is loaded; 0 or Infinity: no limit. */
  readonly timeoutMs: number;
  /** Receives each line that the job's code prints, to stdout or to stderr. */
  readonly onOutput: (line: string) => void;
}

/** How to wait for an order, and the receivers of its messages before the result. */
interface Waiting {
  /** Default: the limit of the job's code. */
  readonly silenceMs?: number;
  readonly interrupt?: AbortSignal | undefined;
  readonly keys?: (keys: readonly string[]) => void;
  readonly progress?: (progress: SequentialProgress) => void;
}

interface Asked extends Waiting {
  readonly patience: Patience;
  readonly resolve: (answer: HostAnswers[HostOrder['type']]) => void;
  readonly reject: (error: Error) => void;
}

/** A process for the next host, which has loaded everything but a job. */
let spare: ChildProcess | undefined;

export class JobHost implements AsyncDisposable {
  readonly #options: HostOptions;
  readonly #process: ChildProcess;
  #path = '';
  #asked: Asked | undefined;
  #steps = 0;
  /** The record or key that the user's code was at in the last message. */
  #place: Place | undefined;
  /** Why it accepts no more orders. */
  #ended: Error | undefined;
  /** Resolves when the process has ended and all of its output was received. */
  readonly #closed: Promise<unknown>;

  /** Starts the process of the next host, so that it is ready sooner. */
  static prepare(): void {
    spare ??= spawnHost();
  }

  /** Ends a prepared process that was not used. */
  static async dismiss(): Promise<void> {
    if (spare?.pid === undefined) return;
    const ended = once(spare, 'exit');
    if (spare.kill('SIGKILL')) await ended;
  }

  constructor(options: HostOptions) {
    this.#options = options;
    // If the spare could not be started, trying again gives the reason.
    this.#process = spare?.pid === undefined ? spawnHost() : spare;
    spare = undefined;
    for (const stream of [this.#process.stdout, this.#process.stderr])
      if (stream) createInterface({ input: stream }).on('line', options.onOutput);
    this.#process
      .on('message', (news: HostNews) => this.#hear(news))
      .on('error', (error) => this.#end(refusedCall(error) as Error))
      .on('exit', (code, signal) => this.#end(this.#endOf(signal ?? `exit code ${code}`)));
    this.#closed = new Promise((resolve) => this.#process.once('close', resolve).once('error', resolve));
  }

  /**
   * Loads the job file at an absolute path, and reads its parameters, which are needed for everything but its description.
   * @throws UsageError if that is not a job file, or a parameter is not one of the job's; JobError for other failures of its code
   */
  load(path: string, params?: Readonly<Record<string, string>>, interrupt?: AbortSignal): Promise<JobDescription> {
    this.#path = path;
    const { heapBytes } = this.#options;
    return this.#ask<'load'>({ type: 'load', path, params, heapBytes }, { silenceMs: LOAD_MS, interrupt });
  }

  /** Cuts the inputs into `count` chunks, at boundaries that the job's format finds. */
  planChunks(inputs: readonly InputFile[], count: number, interrupt?: AbortSignal): Promise<Slice[][]> {
    return this.#ask<'plan'>({ type: 'plan', inputs, count }, { interrupt });
  }

  /**
   * Returns keys that the job's map emits for a sample of the inputs, for `rangeCount` ranges, with one character per byte. If map
   * throws, hangs or ends its process, returns the keys before that: this is a sample, and the map tasks will report the failure.
   */
  async sampleKeys(inputs: readonly InputFile[], rangeCount: number, interrupt?: AbortSignal): Promise<string[]> {
    const sampled: string[] = [];
    const keys = (some: readonly string[]): void => {
      for (const key of some) sampled.push(key);
    };
    // Waiting for a sample is limited, even if tasks have no time limit.
    const { timeoutMs } = this.#options;
    const silenceMs = timeoutMs === 0 || timeoutMs === Infinity ? DEFAULTS.taskTimeoutMs : timeoutMs;
    await this.#ask<'sample'>({ type: 'sample', inputs, rangeCount }, { silenceMs, interrupt, keys }).catch(NOTHING);
    return sampled;
  }

  /** Runs the whole job in one thread, without the `skipped` records. Yields its output piece by piece. Must be the last order. */
  async *sequential(
    inputs: readonly InputFile[],
    skipped: readonly RecordPlace[],
    progress: (progress: SequentialProgress) => void,
  ): AsyncGenerator<Buffer> {
    const answered = this.#ask<'sequential'>({ type: 'sequential', inputs, skipped }, { progress });
    answered.catch(NOTHING);
    // The stream ends when the thread has written everything, or the process ends.
    for await (const piece of this.#process.stdio[OUTPUT_FD] as Readable) {
      this.#asked?.patience.pause();
      yield piece as Buffer;
      this.#asked?.patience.goOn();
    }
    await answered;
  }

  /** Ends the process, whatever the user's code does, and waits until its output was received. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    // Nobody reads this stream any more, or it is empty.
    if (this.#asked === undefined) (this.#process.stdio[OUTPUT_FD] as Readable | undefined)?.resume();
    await Promise.race([this.#closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  async #ask<Type extends HostOrder['type']>(
    order: Extract<HostOrder, { type: Type }>,
    waiting: Waiting,
  ): Promise<HostAnswers[Type]> {
    if (this.#ended !== undefined) throw this.#ended;
    const { silenceMs = this.#options.timeoutMs, interrupt } = waiting;
    const { promise, resolve, reject } = Promise.withResolvers<HostAnswers[HostOrder['type']]>();
    using patience = new Patience(silenceMs, () => this.#end(this.#silent(order.type, silenceMs)));
    this.#asked = { ...waiting, patience, resolve, reject };
    const onInterrupt = (): void => this.#end(new InterruptedError(`interrupted by ${String(interrupt?.reason)}`));
    interrupt?.addEventListener('abort', onInterrupt);
    if (interrupt?.aborted === true) onInterrupt();
    this.#process.send(order, (error) => {
      // If the process has ended, its end says more.
      if (error !== null) setImmediate(() => this.#end(this.#endOf(messageOf(error))));
    });
    try {
      return (await promise) as HostAnswers[Type];
    } finally {
      interrupt?.removeEventListener('abort', onInterrupt);
      this.#asked = undefined;
    }
  }

  #hear(news: HostNews): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    switch (news.type) {
      case 'answer':
        return asked.resolve(news.answer);
      case 'failed':
        return this.#end(errorOf(news.failure.kind, news.failure.message));
      case 'keys':
        asked.keys?.(news.keys);
        return asked.patience.refresh();
      case 'progress':
        asked.progress?.(news.progress);
        return asked.patience.refresh();
      case 'steps':
        if (news.isOurs || news.steps !== this.#steps) asked.patience.refresh();
        this.#steps = news.steps;
        this.#place = news.place;
    }
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    const asked = this.#asked;
    void this[Symbol.asyncDispose]().then(() => asked?.reject(reason));
  }

  #silent(type: HostOrder['type'], silenceMs: number): Error {
    const limit = `${silenceMs / 1000} s`;
    if (type === 'load')
      return new UsageError(`${this.#path}:1: expected a job file that loads within ${limit}, found it still running`);
    const where = this.#place === undefined ? '' : ` at ${placeText(this.#place)}`;
    return new JobError(`${this.#path}${where}: the job's code made no progress for ${limit} (--task-timeout)`);
  }

  #endOf(how: string): Error {
    const limit = CRASHES.has(how) ? addressSpaceLimit() : undefined;
    if (limit !== undefined) return new SystemError(outOfAddresses(limit));
    // The code can kill its own process, and so can a person, or a system that is short of memory.
    const by = how === 'SIGKILL' ? ', or something else did, such as a system that is short of memory' : '';
    return new JobError(`${this.#path}: the job's code ended its process with ${how}${by}`);
  }
}

function spawnHost(): ChildProcess {
  const host = spawn(process.execPath, [ENTRY], {
    // The job must not print to our stdout, which is for the results of the run.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    serialization: 'json',
    // Without the token: any job could print what is in the environment.
    env: { ...process.env, MAPREDUCE_TOKEN: undefined, NODE_COMPILE_CACHE: compileCache() },
  });
  return host.on('error', NOTHING);
}
