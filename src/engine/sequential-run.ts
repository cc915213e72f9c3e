// Runs a job in this process, one record after another: the oracle that every other runner is held against. So it is as plain as
// can be: it has the rules for what a job may emit from them, but sorts and groups by itself, and leaves the combiner out, because
// that must change nothing.
//
// What does not fit into memory takes several passes over the inputs, each for the next keys in order: a shuffle would be less plain.

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
  /** Gets the lines of the output, in the order of their keys' UTF-8 bytes. */
  readonly write: (line: string) => void;
  /** The records to leave out. */
  readonly skipped?: readonly RecordPlace[] | undefined;
  /** Told again and again how far the run is: how many bytes a pass has read, then how many of its keys it has reduced. */
  readonly onProgress?: ((progress: SequentialProgress) => void) | undefined;
  /** Is told where the user's code is, and that it goes on. */
  readonly progress?: Progress | undefined;
  /** Waits until what the job has left running has ended: by default, for no more than promises and immediates take. */
  readonly settled?: (() => Promise<void>) | undefined;
  /** How much keys and values may take together. */
  readonly mostBytes?: number | undefined;
}

export type SequentialProgress = { readonly pass: number } & (
  | { readonly readBytes: number }
  | { readonly keys: number; readonly allKeys: number }
);

/** Often enough for somebody who tells of it every few seconds. */
const KEYS_A_STEP = 1024;
/** More does not make a run of one thread faster. */
const MOST_BYTES = 2 ** 30;

/**
 * @throws JobError if map or reduce throws; SystemError if the values of a key do not fit into memory; UsageError if a record that
 * is to be left out cannot be
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
  /** What our own side of an emit threw: not the job's error, even if the job's code caught it. */
  #ownError: unknown;

  constructor(options: SequentialOptions, awaited: Awaited | undefined) {
    this.#options = options;
    this.#awaited = awaited;
    this.#settled = options.settled ?? setImmediate;
    const params = options.params as TaskContext['params'];
    this.#context = { runId: 'sequential', params, count: checkCount, task: 'map-0', attempt: 'map-0.1' };
  }

  /** Makes the output of as many keys as fit into memory, from a key on. Returns the first key that is left; undefined if none is. */
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
      // Keys are the same if their UTF-8 bytes are.
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

  /** Each record and key has an emit of its own: what comes late names it. */
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

  /** The job's code goes on. */
  #step(): void {
    const { progress } = this.#options;
    if (progress !== undefined) progress.steps++;
  }

  /** Does what takes long, and is no fault of the job. */
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

/** A quarter of what this thread, and the machine, has: what is counted is an estimate, and the job needs memory too. */
function mostBytesHere(): number {
  return Math.min(MOST_BYTES, getHeapStatistics().heap_size_limit / 4, availableMemory() / 4);
}
