// One attempt of a map task: its chunk's records through the job's map into one run.

import { readFileSync } from 'node:fs';

import { CorruptError, messageOf } from '../errors.ts';
import { type Chunk, decodeChunk, type Slice } from '../formats/chunk.ts';
import { readContent } from '../formats/content.ts';
import type { RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import type { AnyJob, Emit, MapContext } from '../job.ts';
import type { AttemptReport } from '../protocol.ts';
import { foldOf, sum } from '../reducers.ts';
import { isWordScan, Kernel } from '../kernel/kernel.ts';
import type { Combiner } from '../shuffle/combiner.ts';
import { Sorter } from '../shuffle/sorter.ts';
import { type Attempt, AttemptContext, type Progress } from './attempt.ts';
import { snapshot } from '../shuffle/values.ts';
import { jobFailure } from './failure.ts';
import { checkKey, emitEach, emitMapResult, emitting, guardedCombine } from './results.ts';

/**
 * Runs one attempt of a map task and leaves its run, not committed, under the attempt's own name.
 * @throws TaskFailure, CorruptError
 */
export async function runMapTask(
  attempt: Attempt,
  job: AnyJob,
  params: Record<string, unknown>,
  progress: Progress,
): Promise<AttemptReport> {
  const chunk = readChunk(attempt);
  const context = new MapTaskContext(attempt, params);
  using kernel = Kernel.lease(attempt.request.mapBufferBytes);
  const sorter = new Sorter({
    path: attempt.path,
    partitioning: {
      count: attempt.request.reduceCount,
      firstKeys: attempt.run.firstKeys?.map((key) => Buffer.from(key, 'base64')),
    },
    combiner: combinerOf(job),
    kernel,
    fanIn: attempt.request.mergeFanIn,
    compress: attempt.request.compressRuns,
  });
  try {
    const emitted = await new MapLoop(job, context, sorter, progress).run(chunk.slices, kernel);
    const written = sorter.finish();
    return {
      recordsIn: progress.records,
      bytesIn: progress.bytes,
      recordsOut: emitted,
      bytesOut: written.bytes,
      spills: written.spills,
      counters: context.counters,
    };
  } finally {
    sorter.discard();
  }
}

/** Hands records to the job: awaits once a block, loops synchronously inside it. */
class MapLoop {
  readonly #job: AnyJob;
  readonly #context: MapTaskContext;
  readonly #progress: Progress;
  readonly #sorter: Sorter;
  readonly #emit: Emit<unknown>;
  #emitted = 0;
  /** What our own side of `emit` threw: not the user's error, also where the user's code caught it. */
  #engineError: unknown;

  constructor(job: AnyJob, context: MapTaskContext, sorter: Sorter, progress: Progress) {
    this.#job = job;
    this.#context = context;
    this.#progress = progress;
    this.#sorter = sorter;
    this.#emit = emitting(
      (key, value) => {
        checkKey('map', key);
        const data = typeof value === 'number' ? value + 0 : snapshot(value);
        try {
          sorter.add(key, data);
        } catch (error) {
          this.#engineError ??= error;
          throw error;
        }
        this.#emitted++;
      },
      (keys, value) => {
        if (typeof value !== 'number' || !isWordScan(keys)) return emitEach(this.#emit, keys, value);
        try {
          this.#emitted += sorter.addWords(keys, value + 0);
        } catch (error) {
          this.#engineError ??= error;
          throw error;
        }
      },
    );
  }

  /** Reads blocks into the kernel's memory. Answers the number of pairs that map emitted. */
  async run(slices: readonly Slice[], kernel: Kernel): Promise<number> {
    const format = this.#job.input ?? lines();
    for (const slice of slices) {
      const cursor = format.open(slice.file, slice.start);
      this.#context.beginSlice(slice.file, cursor);
      for await (const block of readContent(slice, kernel.text)) {
        kernel.beginText(block.length);
        cursor.feed(block);
        await this.#mapRecords(cursor);
        this.#progress.bytes += block.length;
      }
      cursor.finish();
      await this.#mapRecords(cursor);
    }
    return this.#emitted;
  }

  async #mapRecords(cursor: RecordCursor<unknown>): Promise<void> {
    try {
      while (cursor.next()) {
        const pending = emitMapResult(this.#job.map(cursor.record, this.#emit, this.#context), this.#emit);
        if (pending !== undefined) await pending;
        this.#progress.records++;
        this.#context.record++;
      }
    } catch (error) {
      throw this.#engineError ?? jobFailure(error, this.#context.place());
    }
    if (this.#engineError !== undefined) throw this.#engineError;
    this.#sorter.flush();
  }
}

class MapTaskContext extends AttemptContext implements MapContext {
  file = '';
  record = 0;
  #cursor: RecordCursor<unknown> | undefined;

  beginSlice(file: string, cursor: RecordCursor<unknown>): void {
    this.file = file;
    this.record = 0;
    this.#cursor = cursor;
  }

  get offset(): number {
    return this.#cursor?.offset ?? 0;
  }

  offsetAt(index: number): number {
    return this.#cursor?.offsetAt(index) ?? 0;
  }

  place(): string {
    return `the record at byte ${this.offset} of ${this.file}`;
  }
}

function combinerOf({ combine }: { readonly combine?: unknown }): Combiner | undefined {
  if (combine === undefined) return undefined;
  return {
    combine: guardedCombine('combine', combine as Combiner['combine']),
    fold: foldOf(combine),
    adds: combine === sum,
  };
}

function readChunk(attempt: Attempt): Chunk {
  const path = attempt.workspace.chunk(attempt.request.task);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CorruptError(
      `${path}: expected the chunk of ${attempt.task}, found ${messageOf(error)}; run the job again`,
    );
  }
  return decodeChunk(bytes, path);
}
