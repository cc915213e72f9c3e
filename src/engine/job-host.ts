// The driver's side of the job host: a process in which the user's code runs where it is not in a worker, so that whatever it
// does, ends, holds or prints, it does not do to the driver. The process ends with the driver, also where that is killed.

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
/** A job file that takes longer to load hangs, or is not a job file. */
const LOAD_MS = 30_000;
/** What a process has printed is there when it has ended, unless one of its own children goes on. */
const LAST_WORDS_MS = 500;
const NOTHING = (): void => {};
/** How V8 ends a process for which it gets no memory. */
const CRASHES: ReadonlySet<string> = new Set(['SIGTRAP', 'SIGILL', 'SIGABRT', 'SIGSEGV']);

export interface HostOptions {
  readonly heapBytes: number;
  /** How long the job's code may make no progress, other than while it loads; 0 or Infinity: for ever. */
  readonly timeoutMs: number;
  /** A line that the job's code printed, to stdout or to stderr. */
  readonly onOutput: (line: string) => void;
}

/** How an order is waited for, and what is heard of it before its answer. */
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

/** A process that has loaded all but a job, for the next host. */
let spare: ChildProcess | undefined;

export class JobHost implements AsyncDisposable {
  readonly #options: HostOptions;
  readonly #process: ChildProcess;
  #path = '';
  #asked: Asked | undefined;
  #steps = 0;
  /** The record or key that the user's code was at when it was last heard of. */
  #place: Place | undefined;
  /** Why it takes no orders any more. */
  #ended: Error | undefined;
  /** The process has ended, and all that it printed was heard. */
  readonly #closed: Promise<unknown>;

  /** Starts the process of the next host, so that it comes up while other things are done. */
  static prepare(): void {
    spare ??= spawnHost();
  }

  /** Ends the process that nobody has come to need. */
  static async dismiss(): Promise<void> {
    if (spare?.pid === undefined) return;
    const ended = once(spare, 'exit');
    if (spare.kill('SIGKILL')) await ended;
  }

  constructor(options: HostOptions) {
    this.#options = options;
    // One that could not be started says why when that is tried again.
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
   * Loads the job file at an absolute path, and reads its parameters, which are needed for all but its description.
   * @throws UsageError where that is no job file, or a parameter is not one of its own; JobError for what else its code does
   */
  load(path: string, params?: Readonly<Record<string, string>>, interrupt?: AbortSignal): Promise<JobDescription> {
    this.#path = path;
    const { heapBytes } = this.#options;
    return this.#ask<'load'>({ type: 'load', path, params, heapBytes }, { silenceMs: LOAD_MS, interrupt });
  }

  /** Cuts the inputs into `count` chunks, on the boundaries that the job's format finds. */
  planChunks(inputs: readonly InputFile[], count: number, interrupt?: AbortSignal): Promise<Slice[][]> {
    return this.#ask<'plan'>({ type: 'plan', inputs, count }, { interrupt });
  }

  /**
   * Keys that the job's map makes of a sample of the inputs, for `rangeCount` ranges, a character a byte. Of a map that throws,
   * hangs or ends its process, those that it made before: it is a sample, and the map tasks will judge.
   */
  async sampleKeys(inputs: readonly InputFile[], rangeCount: number, interrupt?: AbortSignal): Promise<string[]> {
    const sampled: string[] = [];
    const keys = (some: readonly string[]): void => {
      for (const key of some) sampled.push(key);
    };
    // A sample is not worth waiting for without end.
    const { timeoutMs } = this.#options;
    const silenceMs = timeoutMs === 0 || timeoutMs === Infinity ? DEFAULTS.taskTimeoutMs : timeoutMs;
    await this.#ask<'sample'>({ type: 'sample', inputs, rangeCount }, { silenceMs, interrupt, keys }).catch(NOTHING);
    return sampled;
  }

  /** The output of the whole job but for the `skipped` records, run in one thread, piece by piece. The last order. */
  async *sequential(
    inputs: readonly InputFile[],
    skipped: readonly RecordPlace[],
    progress: (progress: SequentialProgress) => void,
  ): AsyncGenerator<Buffer> {
    const answered = this.#ask<'sequential'>({ type: 'sequential', inputs, skipped }, { progress });
    answered.catch(NOTHING);
    // It ends when the thread has written all, and also when the process ends.
    for await (const piece of this.#process.stdio[OUTPUT_FD] as Readable) {
      this.#asked?.patience.pause();
      yield piece as Buffer;
      this.#asked?.patience.goOn();
    }
    await answered;
  }

  /** Ends the process, whatever the user's code does, and waits until what it has printed was heard. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    // Nobody reads it any more, or there is nothing in it.
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
      // Where the process has ended, its end says more.
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
    // The code can do that to itself, and so can a person, or a system that is short of memory.
    const by = how === 'SIGKILL' ? ', or somebody else did, such as a system that is short of memory' : '';
    return new JobError(`${this.#path}: the job's code ended its process with ${how}${by}`);
  }
}

function spawnHost(): ChildProcess {
  const host = spawn(process.execPath, [ENTRY], {
    // The job's stdout is not ours: stdout is for what came of the run.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    serialization: 'json',
    // Without the token: what stands in the environment, any job can print.
    env: { ...process.env, MAPREDUCE_TOKEN: undefined, NODE_COMPILE_CACHE: compileCache() },
  });
  return host.on('error', NOTHING);
}
