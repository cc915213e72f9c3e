// One run from its inputs to its output: finds or spawns workers, writes chunks, drives the tasks, cleans up.

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { messageOf, UsageError } from '../errors.ts';
import { lines } from '../formats/lines.ts';
import type { AnyJob } from '../job.ts';
import type { TaskRequest } from '../protocol.ts';
import type { Event, Outcome, WorkerId } from '../scheduler/events.ts';
import type { RunState } from '../scheduler/state.ts';
import { beginRun, endRun, type RunRecord, type Workspace } from '../workspace.ts';
import { type ChunkMode, COPY_LIMIT_BYTES, planChunks, writeChunks } from './chunker.ts';
import { findWorkers, type FoundWorkers } from './discovery.ts';
import { drive, type Observer } from './drive.ts';
import type { InputFile } from './inputs.ts';
import { localEffects, type TaskLimits } from './local-effects.ts';
import { checkPorts, LAST_PORT } from './ports.ts';
import { sharedToken } from './token.ts';
import { WorkerPool } from './worker-pool.ts';

export type { FailureCause, Outcome } from '../scheduler/events.ts';

/** Without -N: what a map task has to read at most. Its keys then fit the buffer of a map task. */
const CHUNK_BYTES = 32 * 1024 * 1024;
/** Workers are looked for on this many ports, however many tasks there are. */
const MOST_PORTS = 256;

export interface RunOptions {
  /** Answers the first key of each partition but the first, in base64, where keys are partitioned by range. */
  readonly sampleFirstKeys?: ((reduceCount: number) => Promise<string[]>) | undefined;
  readonly workspace: Workspace;
  readonly job: AnyJob;
  /** How workers load the job. */
  readonly jobSource: TaskRequest['job'];
  readonly inputs: readonly InputFile[];
  /** N: how many map tasks. Default: one a 64 MiB, at least two a worker. */
  readonly mapCount?: number | undefined;
  /** M: how many reduce tasks. Default: one a worker. */
  readonly reduceCount?: number | undefined;
  /** How many workers. Default: those that listen; where none does, as many as there are cores, and not more than tasks. */
  readonly workerCount?: number | undefined;
  readonly firstPort: number;
  readonly maxAttempts: number;
  readonly maxRespawns: number;
  readonly taskSilenceMs: number;
  readonly limits: TaskLimits;
  readonly chunkMode?: ChunkMode | undefined;
  /** Ends the run early; the reason is the name of a signal. */
  readonly interrupt?: AbortSignal | undefined;
}

/** How many of each a run has, and where its workers come from. */
export interface RunShape {
  readonly runId: string;
  readonly mapCount: number;
  readonly reduceCount: number;
  readonly workerCount: number;
  readonly found: FoundWorkers;
}

/** Sees what happens in a run, as it happens. */
export interface RunObserver {
  planned(shape: RunShape): void;
  happened: Observer;
  workerPrinted(worker: WorkerId, line: string): void;
  portTaken(worker: WorkerId, port: number, next: number): void;
}

export interface RunResult {
  readonly shape: RunShape;
  readonly outcome: Outcome;
  readonly state: RunState;
}

/**
 * Runs a job on workers, and leaves its output in the state directory, whose lock the caller holds.
 * @throws UsageError before anything is touched; other errors where the file system refuses
 */
export async function run(options: RunOptions, observer: RunObserver): Promise<RunResult> {
  const { workspace } = options;
  const token = sharedToken(workspace.token);
  const shape = await planRun(options, token);
  observer.planned(shape);
  const record: RunRecord = {
    id: shape.runId,
    job: options.jobSource.path,
    mapCount: shape.mapCount,
    reduceCount: shape.reduceCount,
    firstKeys: await options.sampleFirstKeys?.(shape.reduceCount),
  };
  try {
    return await driveRun(options, observer, shape, record, token);
  } finally {
    endRun(workspace);
  }
}

async function driveRun(
  options: RunOptions,
  observer: RunObserver,
  shape: RunShape,
  record: RunRecord,
  token: string,
): Promise<RunResult> {
  const { workspace } = options;
  const { promise: broken, reject: onError } = Promise.withResolvers<never>();
  const report = (event: Event): void => driven.report(event);
  const pool = new WorkerPool({
    firstPort: options.firstPort,
    token,
    tokenFile: workspace.token,
    silenceMs: options.taskSilenceMs,
    onOutput: observer.workerPrinted.bind(observer),
    onPortTaken: observer.portTaken.bind(observer),
    report,
  });
  const driven = drive(
    {
      mapCount: shape.mapCount,
      reduceCount: shape.reduceCount,
      workerCount: shape.workerCount,
      maxAttempts: options.maxAttempts,
      maxRespawns: options.maxRespawns,
    },
    () =>
      localEffects({ run: record, workspace, job: options.jobSource, limits: options.limits, pool, report, onError }),
    observer.happened,
  );
  const onInterrupt = (): void => report({ type: 'interrupted', signal: String(options.interrupt?.reason) });
  options.interrupt?.addEventListener('abort', onInterrupt);
  if (options.interrupt?.aborted === true) onInterrupt();
  try {
    // First of all: they start while the chunks are cut.
    await startWorkers(pool, shape, report);
    begin(workspace, record);
    const chunks = planChunks(options.inputs, options.job.input ?? lines(), shape.mapCount);
    writeChunks(
      workspace,
      chunks,
      options.chunkMode ?? (sizeOf(options.inputs) <= COPY_LIMIT_BYTES ? 'copy' : 'reference'),
    );
    report({ type: 'chunks-written' });
    const outcome = await Promise.race([driven.outcome, broken]);
    return { shape, outcome, state: driven.state };
  } finally {
    options.interrupt?.removeEventListener('abort', onInterrupt);
    await pool.close();
  }
}

/** Takes in the workers that listen; spawns those that the `workers` command lost, and where there are none, all. */
async function startWorkers(
  pool: WorkerPool,
  { found, workerCount }: RunShape,
  report: (event: Event) => void,
): Promise<void> {
  const ports = [...found.listening.map(({ port }) => port), ...found.missing].slice(0, workerCount);
  for (const [index, port] of ports.entries()) pool.reserve(index + 1, port);
  const started: Promise<void>[] = [];
  for (let worker = 1; worker <= workerCount; worker++) {
    const listening = found.listening[worker - 1];
    if (listening !== undefined) {
      started.push(pool.adopt(worker, listening.port, listening.pid));
    } else if (ports[worker - 1] !== undefined) {
      const message = 'nobody listens where the workers command had started it';
      report({ type: 'worker-lost', worker, cause: { message, reached: false, stderr: [] } });
    } else {
      started.push(pool.spawn(worker));
    }
  }
  await Promise.all(started);
}

function begin(workspace: Workspace, record: RunRecord): void {
  try {
    beginRun(workspace, record);
  } catch (error) {
    throw new UsageError(
      `${workspace.dir}: expected a state directory that can be written, found: ${messageOf(error)}`,
    );
  }
}

async function planRun(options: RunOptions, token: string): Promise<RunShape> {
  const cores = availableParallelism();
  const asked = Math.max(options.mapCount ?? 0, options.reduceCount ?? 0, options.workerCount ?? 0) || cores;
  const portCount = Math.min(asked, MOST_PORTS, LAST_PORT - options.firstPort + 1);
  const found = await findWorkers(options.workspace, token, options.firstPort, portCount);
  const bounded = options.mapCount === undefined || options.reduceCount === undefined ? cores : Math.min(asked, cores);
  const there = found.listening.length === 0 ? 0 : found.listening.length + found.missing.length;
  const workerCount = options.workerCount ?? (there || bounded);
  checkPorts(options.firstPort, workerCount);
  return {
    runId: `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`,
    mapCount: options.mapCount ?? workerCount * Math.max(2, roundsOf(options.inputs, workerCount)),
    reduceCount: options.reduceCount ?? workerCount,
    workerCount,
    found: { listening: found.listening.slice(0, workerCount), missing: found.missing },
  };
}

/** How many map tasks each worker gets at least, so that all end at about the same time. */
function roundsOf(inputs: readonly InputFile[], workerCount: number): number {
  return Math.ceil(sizeOf(inputs) / (CHUNK_BYTES * workerCount));
}

function sizeOf(inputs: readonly InputFile[]): number {
  return inputs.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
}
