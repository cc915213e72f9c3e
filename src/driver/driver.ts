// One run from its inputs to its output: finds or spawns workers, writes chunks, drives the tasks, cleans up; or goes on
// with a run that another driver has left unfinished.

import { setInterval as every } from 'node:timers';

import { InputError } from '../errors.ts';
import type { Event, RunLimits } from '../scheduler/events.ts';
import { JOURNAL, type RunIdentity } from '../scheduler/journal.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import {
  beginResults,
  clearAttempts,
  dropAllWork,
  dropWorkIfPossible,
  type Results,
  resultsOf,
} from '../workspace/result-set.ts';
import { type JobSurroundings, keepSurroundings, writeSurroundings } from '../workspace/job-file.ts';
import { removeQuietly } from '../machine/regular-file.ts';
import { newToken } from '../workspace/token-file.ts';
import { readPlaceMark } from '../workspace/place-mark.ts';
import { beginRun, clearParts, continueRun, endRun, forgetRun } from '../workspace/run-lifecycle.ts';
import { keepManifest, type RunManifest, writeManifest } from '../workspace/run-manifest.ts';
import { COPY_LIMIT_BYTES } from './inputs/chunker.ts';
import { ChunkFiles } from './inputs/chunk-files.ts';
import { drive, type Driven } from './loop/drive.ts';
import { totalBytes } from './inputs/inputs.ts';
import { identityOf, surroundingsOf } from './state/job-surroundings.ts';
import { LateDoor } from './door/late-door.ts';
import { JournalFile } from './loop/journal-file.ts';
import { lastRun } from './resume/last-run.ts';
import { TICK_MS } from './loop/lived-clock.ts';
import { localEffects } from './loop/local-effects.ts';
import { Outputs } from './loop/outputs.ts';
import { planRun, type RunShape } from './plan-run.ts';
import type { RunObserver } from './run-observer.ts';
import type { RunOptions, RunResult } from './driver-options.ts';
import { nowMs } from './loop/run-time.ts';
import { keepToken, sharedToken } from './door/obtain-token.ts';
import { canGoOn, checkPlan, endedBy, findUnfinished, type Unfinished } from './resume/unfinished-run.ts';
import { WorkerPool } from './crew/worker-pool.ts';
import { writable } from './state/writable-directory.ts';

export type { Door } from './door/joining.ts';
export type { RunShape } from './plan-run.ts';
export type { RunOptions, RunResult } from './driver-options.ts';
export type { FailureCause, Outcome } from '../scheduler/events.ts';

/**
 * Runs a job on workers, and leaves its output in the state directory, whose lock the caller holds.
 * @throws UsageError before anything is touched; other errors where the file system refuses
 */
export async function run(options: RunOptions, observer: RunObserver): Promise<RunResult> {
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
      // It may hold secrets, and nobody needs it any more.
      removeQuietly(workspace.job);
    }
    return result;
  } finally {
    endRun(workspace);
    clearAttempts(results);
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #observer: RunObserver;
  readonly #shape: RunShape;
  readonly #results: Results;
  readonly #limits: RunLimits;
  readonly #token: string;
  readonly #pool: WorkerPool;
  readonly #broken = Promise.withResolvers<never>();
  #driven: Driven | undefined;
  #chunks: ChunkFiles | undefined;
  #record: RunManifest | undefined;
  #surroundings: JobSurroundings | undefined;

  constructor(options: RunOptions, observer: RunObserver, shape: RunShape, results: Results, token: string) {
    const { workspace } = options;
    this.#options = options;
    this.#observer = observer;
    this.#shape = shape;
    this.#results = results;
    this.#token = token;
    this.#limits = { ...options.limits, workerCount: shape.workerCount };
    // It may break while chunks are written, when nobody waits for it yet.
    this.#broken.promise.catch(() => {});
    this.#pool = new WorkerPool({
      firstPort: options.firstPort,
      token,
      // Nobody else has it: drivers that share a token do not take each other's workers.
      spawnedObey: { of: 'parent', token: newToken() },
      silenceMs: options.taskSilenceMs,
      onOutput: observer.workerPrinted.bind(observer),
      onPortTaken: observer.portTaken.bind(observer),
      onPortRefused: this.#broken.reject,
      placeOf: (attempt) => readPlaceMark(workspace.placeMark(shape.driverId, attempt)),
      report: (event) => this.#report(event),
    });
  }

  async drive(identity: RunIdentity, earlier: Unfinished | undefined): Promise<RunResult> {
    using journal = this.#openJournal(identity, earlier);
    const outputs = new Outputs(this.#results, earlier?.scheduler.state.closing.publication);
    const driven = drive(this.#schedulerOf(earlier), () => this.#effects(journal, outputs), this.#observer.happened);
    this.#driven = driven;
    const { interrupt } = this.#options;
    const onInterrupt = (): void => this.#report({ type: 'interrupted', signal: String(interrupt?.reason) });
    interrupt?.addEventListener('abort', onInterrupt);
    if (interrupt?.aborted === true) onInterrupt();
    const ticks = every(() => this.#report({ type: 'ticked' }), TICK_MS);
    const door = this.#lateDoor();
    try {
      if (earlier !== undefined) this.#report({ type: 'driver-resumed', limits: this.#limits });
      // First of all: they start while the chunks are cut.
      await this.#startWorkers();
      await this.#layDown(earlier, outputs);
      const outcome = await Promise.race([driven.outcome, this.#broken.promise]);
      await journal.sync();
      return { shape: this.#shape, outcome, state: driven.state };
    } catch (error) {
      // The input is another one now: nobody can go on with the run.
      if (error instanceof InputError) journal.append([endedBy(error, nowMs())]);
      throw error;
    } finally {
      clearInterval(ticks);
      interrupt?.removeEventListener('abort', onInterrupt);
      await Promise.all([door.close(), this.#pool.close()]);
      // A server that stays open may hear of workers: the journal does not, any more.
      this.#driven = undefined;
    }
  }

  #lateDoor(): LateDoor {
    const { port, keepOpen } = this.#options;
    const { runId } = this.#shape;
    return new LateDoor({
      open: async () => {
        const { openDoor } = await import('./door/joining.ts');
        const report = (event: Event): void => this.#report(event);
        return openDoor({ port, token: this.#token, runId, pool: this.#pool, serving: this.#observer.serving, report });
      },
      onListening: (url) => this.#observer.listening(url),
      onError: this.#broken.reject,
      keepOpen,
    });
  }

  #report(event: Event): void {
    this.#driven?.report(event);
  }

  #schedulerOf(earlier: Unfinished | undefined): Scheduler {
    const { mapCount, reduceCount } = this.#shape;
    return earlier?.scheduler ?? new Scheduler({ ...this.#limits, mapCount, reduceCount });
  }

  #openJournal(identity: RunIdentity, earlier: Unfinished | undefined): JournalFile {
    const { workspace } = this.#options;
    const path = workspace.journal(identity.runId);
    clearParts(workspace);
    if (earlier !== undefined) return JournalFile.resume(path, earlier.journal);
    const { mapCount, reduceCount } = this.#shape;
    const options = { ...this.#limits, mapCount, reduceCount };
    // From here on the files are nobody's: a driver that dies before it has laid down its own finds nothing to go on with.
    const journal = writable(workspace.run, () => {
      dropAllWork(workspace, lastRun(workspace));
      forgetRun(workspace);
      return JournalFile.create(path);
    });
    const watch = { silenceMs: this.#options.taskSilenceMs, heapBytes: this.#options.taskLimits.heapBytes };
    journal.append([
      {
        at: nowMs(),
        type: 'run-started',
        journal: JOURNAL,
        run: identity,
        results: this.#results.folder,
        options,
        watch,
      },
    ]);
    return journal;
  }

  #effects(journal: JournalFile, outputs: Outputs): ReturnType<typeof localEffects> {
    const { workspace, jobSource, taskLimits, hotKeysOf } = this.#options;
    return localEffects({
      shape: this.#shape,
      workspace,
      outputs,
      job: jobSource,
      limits: taskLimits,
      pool: this.#pool,
      journal,
      writeChunk: (chunk) => this.#chunks?.write(chunk),
      keepRecord: () => {
        keepManifest(workspace.run, this.#record);
        keepSurroundings(workspace.job, this.#surroundings);
      },
      keepToken: () => keepToken(workspace.token, this.#token),
      hotKeysOf,
      report: (event) => this.#report(event),
      onError: this.#broken.reject,
    });
  }

  /** Takes in the workers that listen; spawns those that the `workers` command lost, and where there are none, all. */
  async #startWorkers(): Promise<void> {
    const { found, workerCount } = this.#shape;
    const pool = this.#pool;
    const ports = [...found.listening.map(({ port }) => port), ...found.missing].slice(0, workerCount);
    for (const [index, port] of ports.entries()) pool.reserve(index + 1, port);
    const started: Promise<void>[] = [];
    for (let worker = 1; worker <= workerCount; worker++) {
      const listening = found.listening[worker - 1];
      if (listening !== undefined) {
        started.push(pool.adopt(worker, listening.port, listening.pid));
      } else if (ports[worker - 1] !== undefined) {
        const message = 'nobody listens where the workers command had started it';
        this.#report({ type: 'worker-lost', worker, cause: { message, reached: false, stderr: [] } });
      } else {
        started.push(pool.spawn(worker));
      }
    }
    await Promise.all(started);
  }

  /** Brings the state directory into the state that tasks can run in. */
  async #layDown(earlier: Unfinished | undefined, outputs: Outputs): Promise<void> {
    const { workspace, job, jobSource, inputs, output, planChunks, sampleFirstKeys, chunkMode } = this.#options;
    const { runId: id, mapCount, reduceCount } = this.#shape;
    this.#surroundings = surroundingsOf(workspace, id, job, earlier);
    // First of all: the sample may cost the process in which the job's code runs.
    const planned = await planChunks(mapCount);
    const firstKeys = earlier?.scheduler.state.firstKeys ?? (await sampleFirstKeys?.(reduceCount));
    if (firstKeys !== undefined && earlier?.scheduler.state.firstKeys === undefined)
      this.#report({ type: 'ranges-cut', firstKeys });
    const record: RunManifest = { id, job: jobSource.path, mapCount, reduceCount, firstKeys, output };
    this.#record = record;
    if (earlier === undefined) {
      writable(workspace.run, () => beginRun(workspace, record));
      writable(this.#results.work, () => beginResults(this.#results));
    } else {
      const { tasks } = earlier.scheduler.state;
      const committed = tasks.map.filter(({ state }) => state === 'committed');
      continueRun(workspace, new Set(committed.map(({ index }) => workspace.mapOutput(index))));
      outputs.goOn(tasks.reduce);
      writeManifest(workspace.run, record);
    }
    writeSurroundings(workspace.job, this.#surroundings);
    const mode = chunkMode ?? (totalBytes(inputs) <= COPY_LIMIT_BYTES ? 'copy' : 'reference');
    const chunks = new ChunkFiles(workspace, planned, mode, id);
    this.#chunks = chunks;
    if (earlier !== undefined) checkPlan(workspace, earlier, chunks.bytes);
    if (earlier === undefined) chunks.writeAll();
    else chunks.repair();
    this.#report({ type: 'chunks-written', bytes: chunks.bytes });
  }
}
