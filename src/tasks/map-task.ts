// Runs one attempt of a map task: passes its chunk's records to the job's map, and writes the pairs to one sorted file.

import { CorruptError } from '../errors.ts';
import { Bytes, type Key } from '../bytes.ts';
import { checkInput } from '../formats/chunk/unchanged-input.ts';
import type { Chunk, Slice } from '../formats/chunk/chunk.ts';
import { readChunkFile } from '../formats/chunk/chunk-file.ts';
import { readContent } from '../formats/compressed/decompress.ts';
import type { RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import type { AnyJob, MapContext } from '../job.ts';
import type { AttemptReport, SkippedRecord } from '../protocol.ts';
import { foldOf, sum } from '../reducers.ts';
import { isWordScan, Kernel } from '../kernel/kernel.ts';
import type { Combiner } from '../shuffle/combiner.ts';
import { Sorter } from '../shuffle/collect/sorter.ts';
import { readManifest } from '../workspace/run-manifest.ts';
import { type Attempt, AttemptContext, type Progress } from './attempt.ts';
import { snapshot } from '../shuffle/values.ts';
import { Awaited } from './await-watch.ts';
import { ChosenRecords } from './chosen-records.ts';
import { jobFailure } from './failure.ts';
import { RecordContexts } from './contexts.ts';
import { noteMissing } from './late-pairs.ts';
import { PhaseClock } from './phase-clock.ts';
import { RecordMark } from './current-place.ts';
import { checkKey, emitEach, emitMapResult, guardedCombine } from './returned-values.ts';
import { Turns, type TurnsOptions } from './emit-turns.ts';

/** A report contains the sizes of at most this many partitions. */
const MOST_REPORTED = 1000;

/**
 * Runs one attempt of a map task. Leaves its sorted file under the attempt's own name, not committed.
 * @throws TaskFailure, CorruptError, InputError, SystemError
 */
export async function runMapTask(
  attempt: Attempt,
  job: AnyJob,
  params: Record<string, unknown>,
  progress: Progress,
  settled: () => Promise<void>,
): Promise<AttemptReport> {
  const { request, path } = attempt;
  const clock = new PhaseClock('read');
  const chunk = readChunk(attempt);
  const context = new AttemptContext(attempt, params, progress);
  const records = new RecordContexts(context);
  using mark = request.careful ? new RecordMark(attempt.workspace.placeMark(request.driverId, attempt.id)) : undefined;
  using kernel = Kernel.lease(request.mapBufferBytes);
  const sorter = new Sorter({
    path,
    partitioning: {
      count: request.reduceCount,
      firstKeys: job.partition === 'range' ? firstKeysOf(attempt) : undefined,
    },
    combiner: combinerOf(job, progress),
    kernel,
    fanIn: request.mergeFanIn,
    compress: request.compressMapOutput,
    onPhase: (phase) => clock.enter(phase ?? 'map'),
    onStep: () => void progress.steps++,
  });
  try {
    const { skip } = request;
    const onMissing = noteMissing.bind(undefined, request);
    using awaited = new Awaited(progress);
    const loop = new MapLoop(job, {
      attempt: attempt.id,
      awaited,
      records,
      sorter,
      progress,
      clock,
      mark,
      skip,
      isExact: request.attempt > 1,
      onMissing,
    });
    const emitted = await loop.run(chunk.slices, kernel);
    progress.leave();
    const written = sorter.finish();
    await settled();
    loop.end();
    return {
      recordsIn: progress.records,
      bytesIn: progress.bytes,
      recordsOut: emitted,
      bytesOut: written.bytes,
      spills: written.spills,
      checksum: written.checksum,
      partitionBytes: request.reduceCount > MOST_REPORTED ? [] : written.segments.map(({ bytes }) => bytes),
      counters: context.reportCounters(),
      phases: clock.phases,
    };
  } finally {
    sorter.discard();
  }
}

interface Surroundings {
  /** The attempt's id, such as `map-3.1`. */
  readonly attempt: string;
  readonly awaited: Awaited;
  readonly records: RecordContexts;
  readonly sorter: Sorter;
  readonly progress: Progress;
  readonly clock: PhaseClock;
  /** Where each record is noted before it is run. */
  readonly mark: RecordMark | undefined;
  /** The records to leave out. */
  readonly skip: readonly SkippedRecord[];
  /** Whether a late pair must always name its record. */
  readonly isExact: boolean;
  /** Is notified of pairs that come after the attempt has ended. */
  readonly onMissing: NonNullable<TurnsOptions<MapContext>['onMissing']>;
}

/** Passes records to the job. Awaits once per block, and loops synchronously inside it. */
class MapLoop {
  readonly #job: AnyJob;
  readonly #awaited: Awaited;
  readonly #records: RecordContexts;
  readonly #progress: Progress;
  readonly #clock: PhaseClock;
  readonly #sorter: Sorter;
  readonly #mark: RecordMark | undefined;
  readonly #skip: readonly SkippedRecord[];
  readonly #turns: Turns<MapContext>;
  #emitted = 0;
  /** The error that our own side of `emit` threw. It is not the user's error, even if the user's code caught it. */
  #engineError: unknown;

  constructor(job: AnyJob, around: Surroundings) {
    const { attempt, awaited, records, sorter, progress, clock, mark, skip, isExact, onMissing } = around;
    this.#job = job;
    this.#awaited = awaited;
    this.#records = records;
    this.#progress = progress;
    this.#clock = clock;
    this.#sorter = sorter;
    this.#mark = mark;
    this.#skip = skip;
    this.#turns = new Turns({
      who: 'map',
      attempt,
      isExact,
      place: () => records.place(),
      contextOf: records.contextOf,
      onMissing,
      add: (key, value) => this.#add(key, value),
      each: (keys, value) => {
        if (typeof value !== 'number' || !isWordScan(keys)) emitEach((key, of) => this.#add(key, of), keys, value);
        else {
          // Words can be iterated only once, and this begins the iteration: it throws the job's error if they have been used before.
          keys[Symbol.iterator]();
          this.#emitted += this.#engine(() => sorter.addWords(keys, value + 0));
        }
        progress.steps++;
      },
    });
  }

  /** @throws TaskFailure if a pair came late. Later ones are noted as missing. */
  end(): void {
    this.#turns.close();
  }

  /** Reads blocks into the kernel's memory. Returns the number of pairs that map emitted. */
  async run(slices: readonly Slice[], kernel: Kernel): Promise<number> {
    const format = this.#job.input ?? lines();
    for (const [number, slice] of slices.entries()) {
      // Check this even for a chunk that carries its bytes: the effect of a changed input must not depend on its size.
      checkInput(slice);
      const cursor = this.#choose(number, format.open(slice.file, slice.start));
      this.#records.beginSlice(number, slice.file, cursor);
      this.#progress.beginSlice(number, slice.file);
      for await (const block of readContent(slice, kernel.text)) {
        this.#clock.enter('map');
        kernel.beginText(block.length);
        cursor.feed(block);
        await this.#mapRecords(cursor);
        kernel.endText(block);
        this.#progress.bytes += block.length;
        this.#clock.enter('read');
      }
      this.#clock.enter('map');
      cursor.finish();
      await this.#mapRecords(cursor);
      this.#clock.enter('read');
    }
    return this.#emitted;
  }

  /** Returns the cursor over the records to run: the given one if it needs neither a choice nor notes. */
  #choose(slice: number, cursor: RecordCursor<unknown>): RecordCursor<unknown> {
    const skipped = new Set(this.#skip.filter((record) => record.slice === slice).map(({ offset }) => offset));
    if (skipped.size === 0 && this.#mark === undefined) return cursor;
    return new ChosenRecords(cursor, (offset) => {
      if (skipped.has(offset)) {
        this.#records.index++;
        return false;
      }
      this.#engine(() => this.#mark?.write(this.#records.place()));
      return true;
    });
  }

  async #mapRecords(cursor: RecordCursor<unknown>): Promise<void> {
    try {
      while (cursor.next()) {
        this.#progress.beginRecord(cursor.offset);
        const context = this.#turns.begin();
        const pending = emitMapResult(this.#job.map(cursor.record, context), context.emit);
        if (pending !== undefined) {
          this.#turns.wait();
          this.#awaited.begin();
          await pending;
          this.#awaited.end();
        }
        this.#turns.end();
        this.#progress.records++;
        this.#records.index++;
      }
    } catch (error) {
      throw this.#engineError ?? jobFailure(error, this.#records.place());
    }
    if (this.#engineError !== undefined) throw this.#engineError;
    this.#turns.check();
    this.#sorter.flush();
  }

  #add(key: Key, value: unknown): void {
    this.#progress.steps++;
    if ((typeof key === 'string' || key instanceof Bytes) && this.#sorter.addAlike(key, value)) {
      this.#emitted++;
      return;
    }
    checkKey('map', key);
    const data = typeof value === 'number' ? value + 0 : snapshot(value);
    try {
      this.#sorter.add(key, data);
    } catch (error) {
      this.#engineError ??= error;
      throw error;
    }
    this.#emitted++;
  }

  /** Runs our own code inside the user's call. Its errors are not the user's, even if the user's code caught them. */
  #engine<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#engineError ??= error;
      throw error;
    }
  }
}

function combinerOf({ combine }: { readonly combine?: unknown }, progress: Progress): Combiner | undefined {
  if (combine === undefined) return undefined;
  const guarded = guardedCombine('combine', combine as () => unknown);
  return {
    // An endless loop or an error in here is not the fault of map's current record.
    combine: (key, values) => {
      progress.steps++;
      progress.pause();
      try {
        return guarded(key, values);
      } finally {
        progress.goOn();
      }
    },
    fold: foldOf(combine),
    adds: combine === sum,
  };
}

/** Returns the first key of each range but the first. @throws CorruptError if the run's record does not have them. */
function firstKeysOf({ workspace: { run: path }, request }: Attempt): Buffer[] {
  const { id, firstKeys = [] } = readManifest(path) ?? {};
  if (id === request.runId && firstKeys.length === request.reduceCount - 1)
    return firstKeys.map((key) => Buffer.from(key, 'base64'));
  const expected = `the first keys of ${request.reduceCount} ranges of run ${request.runId}`;
  throw new CorruptError(`${path}: expected ${expected}, found ${firstKeys.length} of ${id ?? 'none'}`, { path });
}

function readChunk({ request, workspace }: Attempt): Chunk {
  const { runId: run, task } = request;
  return readChunkFile(workspace.chunk(task), { run, task });
}
