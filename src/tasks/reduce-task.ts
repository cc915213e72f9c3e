// Runs one attempt of a reduce task: merges its segments of all map outputs, and passes them through reduce into one output file.

import type { AnyJob, ReduceContext } from '../job.ts';
import type { AttemptReport } from '../protocol.ts';
import { Kernel } from '../kernel/kernel.ts';
import { foldOf, identity, type NumberReducer, sum } from '../reducers.ts';
import type { FoldingCombiner } from '../shuffle/combiner.ts';
import { FoldedPairs } from '../shuffle/merge/fold-numbers.ts';
import { Groups, type SortedPairs } from '../shuffle/merge/groups.ts';
import type { MergeWindows } from '../shuffle/merge/merge-windows.ts';
import { MergedPairs } from '../shuffle/merge/merged-pairs.ts';
import { type Attempt, AttemptContext, type Progress } from './attempt.ts';
import { addResult } from './add-result.ts';
import { Awaited } from './await-watch.ts';
import { keyContexts } from './contexts.ts';
import { writeBlockLines } from './block-lines.ts';
import { jobFailure } from './failure.ts';
import { noteMissing } from './late-pairs.ts';
import { forgetMapOutputs, openMerge } from './open-merge.ts';
import { OutputFile } from './output-file.ts';
import { PhaseClock } from './phase-clock.ts';
import { keyPlace } from './current-place.ts';
import { checkKey, emitReduceResult, guardedCombine } from './returned-values.ts';
import { Turns } from './emit-turns.ts';

/**
 * Runs one attempt of a reduce task. Leaves its output under the attempt's own name, not committed.
 * @throws TaskFailure, CorruptError, SystemError
 */
export async function runReduceTask(
  attempt: Attempt,
  job: AnyJob,
  params: Record<string, unknown>,
  progress: Progress,
  settled: () => Promise<void>,
): Promise<AttemptReport> {
  const clock = new PhaseClock('fetch');
  const context = new AttemptContext(attempt, params, progress);
  using kernel = Kernel.lease(attempt.request.mapBufferBytes);
  const onBlock = (pairs: number, bytes: number): void => {
    progress.records += pairs;
    progress.bytes += bytes;
  };
  const onStep = (): void => void progress.steps++;
  using open = new DisposableStack();
  const output = new OutputFile(attempt.path);
  try {
    const merge = openMerge(attempt, kernel, { adds: job.reduce === sum, onBlock, onStep }, open);
    const turns = new Turns({
      who: 'reduce',
      attempt: attempt.id,
      isExact: attempt.request.attempt > 1,
      place: () => progress.place,
      onMissing: noteMissing.bind(undefined, attempt.request),
      contextOf: keyContexts(context),
      add: (key, value) => {
        checkKey('reduce', key);
        output.add(key.toString(), value);
        progress.steps++;
      },
    });
    await reduceMerged(job, merge, kernel, { output, progress, clock, turns });
    progress.leave();
    clock.enter('write');
    progress.isWaiting = true;
    const written = await output.finish();
    progress.isWaiting = false;
    await settled();
    turns.close();
    return {
      recordsIn: progress.records,
      bytesIn: progress.bytes,
      recordsOut: written.lines,
      bytesOut: written.bytes,
      spills: 0,
      checksum: written.checksum,
      partitionBytes: [],
      counters: context.reportCounters(),
      phases: clock.phases,
    };
  } catch (error) {
    forgetMapOutputs();
    throw error;
  } finally {
    output.close();
  }
}

/** The context for the job's reduce, and the destination of its results. */
interface Surroundings {
  readonly output: OutputFile;
  readonly progress: Progress;
  readonly clock: PhaseClock;
  readonly turns: Turns<ReduceContext>;
}

/** Reduces by blocks and pairs for the built-in reducers, and by the values of each key for any other reduce. */
async function reduceMerged(job: AnyJob, merge: MergeWindows, kernel: Kernel, around: Surroundings): Promise<void> {
  const { output, clock } = around;
  const reducer = foldingReducer(job);
  if (reducer === undefined && job.reduce !== identity) {
    clock.enter('reduce');
    return reduceGroups(job, new WatchedPairs(new MergedPairs(merge), around.progress), around);
  }
  clock.enter('merge');
  const writeLines = (): void => {
    clock.enter('write');
    writeBlockLines(merge, kernel, output);
    clock.enter('merge');
  };
  if (reducer === undefined) while (merge.next()) writeLines();
  else foldGroups(reducer, merge, output, writeLines);
}

/** Returns the job's reduce if it is a reducer of numbers. */
function foldingReducer({ reduce }: { readonly reduce: unknown }): FoldingCombiner | undefined {
  const fold = foldOf(reduce);
  if (fold === undefined) return undefined;
  return { combine: guardedCombine('reduce', reduce as NumberReducer), fold };
}

/** Applies a reducer of numbers: folds during the merge, and writes without making a string per key. */
function foldGroups(reducer: FoldingCombiner, merge: MergeWindows, output: OutputFile, writeLines: () => void): void {
  let isFolded = false;
  while (merge.next() && (isFolded = merge.isFolded)) writeLines();
  if (isFolded) return;
  // Values that the kernel cannot fold are folded pair by pair, from the current block on.
  const folded = new FoldedPairs(new MergedPairs(merge, true), reducer);
  while (folded.next()) {
    const { key, keyStart, keyEnd, value } = folded;
    if (typeof value === 'number') output.addNumber(key, keyStart, keyEnd, value);
    else addResult(output, key.toString('utf8', keyStart, keyEnd), value);
  }
}

async function reduceGroups(
  job: AnyJob,
  pairs: WatchedPairs,
  { output, progress, turns }: Surroundings,
): Promise<void> {
  using awaited = new Awaited(progress);
  const groups = new Groups<unknown>(pairs, progress.keyMemory);
  while (groups.next()) {
    const { key, keyBytes, keyLength, values } = groups;
    progress.beginKey(keyBytes, keyLength);
    try {
      const context = turns.begin();
      const pending = emitReduceResult(key, job.reduce(key, values, context), context.emit);
      if (pending !== undefined) {
        turns.wait();
        awaited.begin();
        await pending;
        awaited.end();
      }
      turns.end();
    } catch (error) {
      throw pairs.error ?? output.error ?? jobFailure(error, keyPlace(key));
    }
    if (pairs.error !== undefined || output.error !== undefined) throw pairs.error ?? output.error;
    turns.check();
  }
}

/** Counts pairs, and keeps an error of reading them: it is never the user's, even if the user's code caught it. */
class WatchedPairs implements SortedPairs {
  error: unknown;
  readonly #pairs: SortedPairs;
  readonly #progress: Progress;

  constructor(pairs: SortedPairs, progress: Progress) {
    this.#pairs = pairs;
    this.#progress = progress;
  }

  get key(): Buffer {
    return this.#pairs.key;
  }
  get keyStart(): number {
    return this.#pairs.keyStart;
  }
  get keyEnd(): number {
    return this.#pairs.keyEnd;
  }
  get value(): unknown {
    return this.#pairs.value;
  }
  get repeats(): boolean | undefined {
    return this.#pairs.repeats;
  }

  keyText(): string {
    return this.#pairs.keyText();
  }

  next(): boolean {
    this.#progress.steps++;
    try {
      return this.#pairs.next();
    } catch (error) {
      this.error ??= error;
      throw error;
    }
  }
}
