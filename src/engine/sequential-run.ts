// Runs a job in this process, one record after another. It is the oracle that every other runner is compared with, so it is as plain
// as possible: it shares their rules for what a job may emit, but sorts and groups on its own, and leaves out the combiner, which
// must not change the result.
//
// Keys that do not fit into memory take several passes over the inputs, each for the next keys in order: a shuffle would be less plain.

import { availableMemory } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

import type { Key } from '../bytes.ts';
import { JobError, messageOf } from '../errors.ts';
import { readContent } from '../formats/compressed/decompress.ts';
import type { RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import { outputLine } from '../formats/output/output-lines.ts';
import type { AnyJob, Emit, ReduceContext, TaskContext } from '../job.ts';
import { type Place, placeText } from '../protocol.ts';
import type { InputFile } from '../driver/inputs/inputs.ts';
import { GroupValues } from '../shuffle/merge/group-values.ts';
import { snapshot } from '../shuffle/values.ts';
import { checkCount, type Progress } from '../tasks/attempt.ts';
import { Awaited } from '../tasks/await-watch.ts';
import { type ContextOf, keyContexts, RecordContexts } from '../tasks/contexts.ts';
import { TaskFailure } from '../tasks/failure.ts';
import { checkKey, emitMapResult, emitReduceResult, type Who } from '../tasks/returned-values.ts';
import { Turns } from '../tasks/emit-turns.ts';
import { type Group, KeyWindow } from './key-window.ts';
import { LeftOutRecords, type RecordPlace } from './left-out-records.ts';

export interface SequentialOptions {
  readonly job: AnyJob;
  readonly params: Record<string, unknown>;
  readonly inputs: readonly InputFile[];
  /** Receives the lines of the output, in the order of their keys' UTF-8 bytes. */
  readonly write: (line: string) => void;
  /** The records to leave out. */
  readonly skipped?: readonly RecordPlace[] | undefined;
  /** Is notified of the progress, many times: the bytes that a pass has read, then the number of its keys that it has reduced. */
  readonly onProgress?: ((progress: SequentialProgress) => void) | undefined;
  /** Is notified of the place of the user's code, and of progress. */
  readonly progress?: Progress | undefined;
  /** Waits for work that the job has left running. Default: waits only as long as promises and immediates take. */
  readonly settled?: (() => Promise<void>) | undefined;
  /** The memory that keys and values may take together. */
  readonly mostBytes?: number | undefined;
}

export type SequentialProgress = { readonly pass: number } & (
  | { readonly readBytes: number }
  | { readonly keys: number; readonly allKeys: number }
);

/** Often enough for a progress line every few seconds. */
const KEYS_A_STEP = 1024;
/** More memory does not make a single-threaded run faster. */
const MOST_BYTES = 2 ** 30;

/**
 * @throws JobError if map or reduce throws; SystemError if the values of a key do not fit into memory; UsageError if a record
 * that is to be left out cannot be
 */
export async function runSequential(options: SequentialOptions): Promise<void> {
  using awaited = options.progress === undefined ? undefined : new Awaited(options.progress);
  const run = new SequentialRun(options, awaited);
  let from: string | undefined;
  do from = await run.pass(from);
  while (from !== undefined);
}

class SequentialRun {
  readonly #options: SequentialOptions;
  readonly #awaited: Awaited | undefined;
  readonly #settled: () => Promise<void>;
  readonly #context: TaskContext;
  #pass = 0;
  #readBytes = 0;
  /** The error that our own side of an emit threw. It is not the job's error, even if the job's code caught it. */
  #ownError: unknown;

  constructor(options: SequentialOptions, awaited: Awaited | undefined) {
    this.#options = options;
    this.#awaited = awaited;
    this.#settled = options.settled ?? setImmediate;
    const params = options.params as TaskContext['params'];
    this.#context = { runId: 'sequential', params, count: checkCount, task: 'map-0', attempt: 'map-0.1' };
  }

  /** Makes the output of as many keys as fit into memory, beginning at a key. Returns the first key left; undefined at the end. */
  async pass(from: string | undefined): Promise<string | undefined> {
    const { inputs, mostBytes = mostBytesHere() } = this.#options;
    const window = new KeyWindow(from, mostBytes);
    this.#pass++;
    this.#readBytes = 0;
    for (const input of inputs) await this.#mapFile(input, window);
    await this.#reduce(this.#atWork(() => window.sorted()));
    return window.end;
  }

  async #mapFile(input: InputFile, window: KeyWindow): Promise<void> {
    const { job, progress, skipped = [] } = this.#options;
    const format = job.input ?? lines();
    progress?.beginSlice(0, input.file);
    const all: RecordCursor<unknown> = format.open(input.file, 0);
    const records = new RecordContexts(this.#context);
    records.beginSlice(0, input.file, all);
    const leftOut = new LeftOutRecords(input.file, format.name, skipped);
    const cursor = leftOut.without(all, () => void records.index++);
    const place = (): Place => records.place();
    const turns = this.#turnsOf('map', place, records.contextOf, (key, value) => {
      // Keys are equal if their UTF-8 bytes are.
      const sameKey = key.toString().toWellFormed();
      if (window.has(sameKey)) this.#add(window, sameKey, snapshot(value));
    });
    const mapRecords = async (): Promise<void> => {
      while (cursor.next()) {
        progress?.beginRecord(cursor.offset);
        try {
          const context = turns.begin();
          const pending = emitMapResult(job.map(cursor.record, context), context.emit);
          if (pending !== undefined) await this.#settle(pending);
          turns.end();
        } catch (error) {
          throw this.#failure(error, place());
        }
        if (this.#ownError !== undefined) throw this.#ownError;
        if (progress !== undefined) progress.records++;
        records.index++;
      }
    };
    for await (const block of readContent({ ...input, start: 0, end: input.sizeBytes })) {
      cursor.feed(block);
      await mapRecords();
      this.#readBytes += block.length;
      this.#tell({ readBytes: this.#readBytes });
    }
    cursor.finish();
    await mapRecords();
    await this.#endTurns(turns);
    leftOut.check();
  }

  async #reduce(groups: readonly Group[]): Promise<void> {
    const { progress, write } = this.#options;
    const contextOf = keyContexts({ ...this.#context, task: 'reduce-0', attempt: 'reduce-0.1' });
    let at = '';
    const place = (): Place => ({ key: at });
    progress?.leave();
    const turns = this.#turnsOf('reduce', place, contextOf, (key, value) => {
      const line = outputLine(key.toString(), value);
      this.#own(() => write(line));
    });
    for (const [index, { key, values }] of groups.entries()) {
      if (index % KEYS_A_STEP === 0) this.#tell({ keys: index, allKeys: groups.length });
      at = key;
      const bytes = Buffer.from(key);
      progress?.beginKey(bytes, bytes.length);
      await this.#reduceKey({ key, values }, turns);
    }
    await this.#endTurns(turns);
  }

  async #reduceKey({ key, values }: Pick<Group, 'key' | 'values'>, turns: Turns<ReduceContext>): Promise<void> {
    const { job } = this.#options;
    const readOnce = new GroupValues(key, this.#drawn(values));
    try {
      const context = turns.begin();
      const pending = emitReduceResult(key, job.reduce(key, readOnce, context), context.emit);
      if (pending !== undefined) await this.#settle(pending);
      turns.end();
    } catch (error) {
      throw this.#failure(error, { key });
    } finally {
      readOnce.end();
    }
    if (this.#ownError !== undefined) throw this.#ownError;
  }

  async #settle(pending: PromiseLike<void>): Promise<void> {
    this.#awaited?.begin();
    await pending;
    this.#awaited?.end();
  }

  /** Gives each record and key its own emit, so that a late pair can name it. */
  #turnsOf<Context extends { readonly emit: Emit<unknown> }>(
    who: Who,
    place: () => Place,
    contextOf: ContextOf<Context>,
    add: (key: Key, value: unknown) => void,
  ): Turns<Context> {
    const checkAndAdd = (key: Key, value: unknown): void => {
      checkKey(who, key);
      add(key, value);
      this.#step();
    };
    return new Turns({ who, attempt: 'the sequential run', isExact: true, place, contextOf, add: checkAndAdd });
  }

  async #endTurns(turns: { close(): void }): Promise<void> {
    try {
      await this.#settled();
      turns.close();
    } catch (error) {
      throw this.#failure(error, undefined);
    }
    if (this.#ownError !== undefined) throw this.#ownError;
  }

  #add(window: KeyWindow, key: string, value: unknown): void {
    window.add(key, value);
    if (window.isFull) this.#own(() => this.#atWork(() => window.shrink()));
  }

  *#drawn(values: readonly unknown[]): Generator {
    for (const value of values) {
      this.#step();
      yield value;
    }
  }

  /** Marks that the job's code makes progress. */
  #step(): void {
    const { progress } = this.#options;
    if (progress !== undefined) progress.steps++;
  }

  /** Does slow work that is not the job's fault. */
  #atWork<T>(work: () => T): T {
    const { progress } = this.#options;
    if (progress !== undefined) progress.isWaiting = true;
    const result = work();
    if (progress !== undefined) progress.isWaiting = false;
    return result;
  }

  #own(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#ownError ??= error;
      throw error;
    }
  }

  #failure(error: unknown, at: Place | undefined): unknown {
    if (this.#ownError !== undefined) return this.#ownError;
    const { name } = this.#options.job;
    const stack = error instanceof Error && !(error instanceof TaskFailure) ? error.stack : undefined;
    const place = error instanceof TaskFailure ? error.failure.place : at;
    const where = place === undefined ? '' : ` at ${placeText(place)}`;
    return new JobError(`${name} failed${where}: ${messageOf(error)}\n${stack ?? ''}`.trimEnd(), { cause: error });
  }

  #tell(how: { readBytes: number } | { keys: number; allKeys: number }): void {
    this.#options.onProgress?.({ pass: this.#pass, ...how });
  }
}

/** A quarter of the memory of this thread and of the machine: sizes are estimates, and the job needs memory too. */
function mostBytesHere(): number {
  return Math.min(MOST_BYTES, getHeapStatistics().heap_size_limit / 4, availableMemory() / 4);
}
