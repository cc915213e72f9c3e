// The life of one run, from its inputs to its results: starts the workers, lays down the state directory, drives the tasks and
// cleans up. Resumes a run that an earlier driver left unfinished.

import { setInterval as every } from 'node:timers';

import { InputError } from '../errors.ts';
import { removeQuietly } from '../machine/regular-file.ts';
import type { Event, RunLimits } from '../scheduler/events.ts';
import type { RunIdentity } from '../scheduler/journal.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { readPlaceMark } from '../workspace/place-mark.ts';
import { clearAttempts, dropWorkIfPossible, type Results, resultsOf } from '../workspace/result-set.ts';
import { endRun } from '../workspace/run-lifecycle.ts';
import { newToken } from '../workspace/token-file.ts';
import { startCrew } from './crew/start-crew.ts';
import { WorkerPool } from './crew/worker-pool.ts';
import { LateDoor } from './door/late-door.ts';
import { keepToken, sharedToken } from './door/obtain-token.ts';
import type { DriverOptions, DriverResult } from './driver-options.ts';
import { drive, type Driven } from './loop/drive.ts';
import type { Effects } from './loop/effects.ts';
import type { JournalFile } from './loop/journal-file.ts';
import { TICK_MS } from './loop/lived-clock.ts';
import { localEffects } from './loop/local-effects.ts';
import { openJournal } from './loop/open-journal.ts';
import { Outputs } from './loop/outputs.ts';
import { nowMs } from './loop/run-time.ts';
import { planRun, type RunShape } from './plan-run.ts';
import { canGoOn, endedBy, findUnfinished, type Unfinished } from './resume/unfinished-run.ts';
import type { RunObserver } from './run-observer.ts';
import { identityOf } from './state/job-surroundings.ts';
import { RunDirectory } from './state/run-directory.ts';

export type { Door } from './door/joining.ts';
export type { RunShape } from './plan-run.ts';
export type { DriverOptions, DriverResult } from './driver-options.ts';
export type { FailureCause, Outcome } from '../scheduler/events.ts';

/**
 * Runs a job on workers and leaves its results in their folder. The caller holds the lock of the state directory.
 * @throws UsageError before anything is touched; other errors if the file system refuses
 */
export async function run(options: DriverOptions, observer: RunObserver): Promise<DriverResult> {
  const { workspace, counts, jobSource, output } = options;
  const identity = identityOf(options.job, jobSource, options.inputs, output);
  const { mapCount, reduceCount } = counts;
  const earlier = options.fresh ? undefined : findUnfinished(workspace, { ...identity, mapCount, reduceCount });
  const token = sharedToken(workspace.token);
  const shape = await planRun(workspace, token, options.firstPort, options.inputs, counts, earlier);
  observer.planned(shape);
  const results = resultsOf(workspace, { id: shape.runId, reduceCount: shape.reduceCount, output });
  try {
    const run = new Run(options, observer, shape, results, token);
    const result = await run.drive({ runId: shape.runId, ...identity }, earlier);
    if (!canGoOn(result.outcome)) {
      dropWorkIfPossible(results);
      // It may hold secrets, and no driver needs it any more.
      removeQuietly(workspace.job);
    }
    return result;
  } finally {
    endRun(workspace);
    clearAttempts(results);
  }
}

class Run {
  readonly #options: DriverOptions;
  readonly #observer: RunObserver;
  readonly #shape: RunShape;
  readonly #results: Results;
  readonly #limits: RunLimits;
  readonly #token: string;
  readonly #pool: WorkerPool;
  readonly #directory: RunDirectory;
  /** Rejects with what makes it impossible for the run to continue. */
  readonly #broken = Promise.withResolvers<never>();
  #driven: Driven | undefined;

  constructor(options: DriverOptions, observer: RunObserver, shape: RunShape, results: Results, token: string) {
    const { workspace } = options;
    this.#options = options;
    this.#observer = observer;
    this.#shape = shape;
    this.#results = results;
    this.#token = token;
    this.#limits = { ...options.limits, workerCount: shape.workerCount };
    // It may reject while chunks are written, when nothing awaits it yet.
    this.#broken.promise.catch(() => {});
    const dispatch = (event: Event): void => this.#dispatch(event);
    this.#directory = new RunDirectory(options, shape, results, dispatch);
    this.#pool = new WorkerPool({
      firstPort: options.firstPort,
      token,
      // A token of this driver alone: drivers that share a token do not take each other's workers.
      spawnedObey: { of: 'parent', token: newToken() },
      silenceMs: options.taskSilenceMs,
      onOutput: observer.workerPrinted.bind(observer),
      onPortTaken: observer.portTaken.bind(observer),
      onPortRefused: this.#broken.reject,
      placeOf: (attempt) => readPlaceMark(workspace.placeMark(shape.driverId, attempt)),
      dispatch,
    });
  }

  async drive(identity: RunIdentity, earlier: Unfinished | undefined): Promise<DriverResult> {
    using journal = this.#openJournal(identity, earlier);
    const outputs = new Outputs(this.#results, earlier?.scheduler.state.closing.publication);
    const driven = drive(this.#schedulerOf(earlier), () => this.#effects(journal, outputs), this.#observer.happened);
    this.#driven = driven;
    const { interrupt } = this.#options;
    const onInterrupt = (): void => this.#dispatch({ type: 'interrupted', signal: String(interrupt?.reason) });
    interrupt?.addEventListener('abort', onInterrupt);
    if (interrupt?.aborted === true) onInterrupt();
    const ticks = every(() => this.#dispatch({ type: 'ticked' }), TICK_MS);
    const door = this.#lateDoor();
    try {
      if (earlier !== undefined) this.#dispatch({ type: 'driver-resumed', limits: this.#limits });
      // First of all, because workers start while the chunks are cut.
      await startCrew(this.#pool, this.#shape, (event) => this.#dispatch(event));
      await this.#directory.layDown(earlier, outputs);
      const outcome = await Promise.race([driven.outcome, this.#broken.promise]);
      await journal.sync();
      return { shape: this.#shape, outcome, state: driven.state };
    } catch (error) {
      // The input has changed: the run can never be resumed.
      if (error instanceof InputError) journal.append([endedBy(error, nowMs())]);
      throw error;
    } finally {
      clearInterval(ticks);
      interrupt?.removeEventListener('abort', onInterrupt);
      await Promise.all([door.close(), this.#pool.close()]);
      // A server that is kept open may still receive notices of workers: they no longer go to the journal.
      this.#driven = undefined;
    }
  }

  #lateDoor(): LateDoor {
    const { port, keepOpen } = this.#options;
    const { runId } = this.#shape;
    return new LateDoor({
      open: async () => {
        const { openDoor } = await import('./door/joining.ts');
        const dispatch = (event: Event): void => this.#dispatch(event);
        return openDoor({
          port,
          token: this.#token,
          runId,
          pool: this.#pool,
          serving: this.#observer.serving,
          dispatch,
        });
      },
      onListening: (url) => this.#observer.listening(url),
      onError: this.#broken.reject,
      keepOpen,
    });
  }

  #dispatch(event: Event): void {
    this.#driven?.dispatch(event);
  }

  #schedulerOf(earlier: Unfinished | undefined): Scheduler {
    const { mapCount, reduceCount } = this.#shape;
    return earlier?.scheduler ?? new Scheduler({ ...this.#limits, mapCount, reduceCount });
  }

  #openJournal(identity: RunIdentity, earlier: Unfinished | undefined): JournalFile {
    const { workspace, taskSilenceMs, taskLimits } = this.#options;
    const { mapCount, reduceCount } = this.#shape;
    const options = { ...this.#limits, mapCount, reduceCount };
    const watch = { silenceMs: taskSilenceMs, heapBytes: taskLimits.heapBytes };
    return openJournal(workspace, { identity, results: this.#results, options, watch }, earlier);
  }

  #effects(journal: JournalFile, outputs: Outputs): Effects {
    const { workspace, jobSource, taskLimits, hotKeysOf } = this.#options;
    return localEffects({
      shape: this.#shape,
      workspace,
      outputs,
      job: jobSource,
      limits: taskLimits,
      pool: this.#pool,
      journal,
      writeChunk: (chunk) => this.#directory.writeChunk(chunk),
      restoreFiles: () => this.#directory.restoreFiles(),
      keepToken: () => keepToken(workspace.token, this.#token),
      hotKeysOf,
      dispatch: (event) => this.#dispatch(event),
      onError: this.#broken.reject,
    });
  }
}
