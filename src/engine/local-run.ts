// Runs a job on this machine: reads the user's request, passes it to the driver, and turns the end of the run into a result or
// an error.

import { findInputs, type FoundInputs, type InputFile } from '../driver/inputs/inputs.ts';
import { type Identity, identityOf } from '../driver/state/job-surroundings.ts';
import { lockDirectory } from '../driver/state/lock.ts';
import { findOutput } from '../driver/state/output-folder.ts';
import { checkMayListen, checkPorts } from '../driver/crew/port-checks.ts';
import {
  type Door,
  type FailureCause,
  type DriverOptions,
  type Outcome,
  run,
  type RunShape,
} from '../driver/driver.ts';
import { stateDirectory } from '../driver/state/state-directory.ts';
import { CorruptError, InputError, InterruptedError, JobError, LostError, SystemError, UsageError } from '../errors.ts';
import { environmentOf } from '../job-loading/environment.ts';
import { findJob } from '../job-loading/find-job.ts';
import { digestOfParts } from '../job-loading/module-graph.ts';
import { MOST_TASKS } from '../protocol.ts';
import { hotKeysOf } from '../shuffle/file/sorted-file-reader.ts';
import { causeText } from '../view/cause.ts';
import { outputPaths } from '../workspace/result-set.ts';
import type { Workspace } from '../workspace/paths.ts';
import { cutRanges } from '../sample/cut-ranges.ts';
import { DEFAULTS, type RunOptionValues } from '../options/run-options.ts';
import type { JobDescription } from './host-messages.ts';
import { JobHost } from './job-host.ts';
import type { RecordPlace } from './left-out-records.ts';
import { checkTracePath } from '../files/report-file.ts';
import { type LocalObserver, RunWatch } from './run-watch.ts';
import type { SequentialProgress } from './sequential-run.ts';

/** A user's request. Every field except the inputs has a default. */
export interface LocalRunOptions extends RunOptionValues {
  /** Paths and patterns. */
  readonly inputs: readonly string[];
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly interrupt?: AbortSignal | undefined;
  /** Receives the driver's server when the run has ended. The receiver closes it. */
  readonly keepOpen?: ((door: Door) => void) | undefined;
}

/** A job with everything that it needs, checked before anything starts. Dispose of it: its host is a process. */
export interface PreparedJob extends AsyncDisposable {
  readonly job: JobDescription;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly inputs: readonly InputFile[];
  readonly workspace: Workspace;
  /** The absolute path of the folder of the results; undefined if it is the one in the state directory. */
  readonly output: string | undefined;
  /** The host in which the job is loaded. */
  readonly host: JobHost;
}

/** Returns the absolute paths of the outputs of a run, in the order of their tasks. */
export function outputsOf(
  { workspace, output }: PreparedJob,
  { reduceCount }: Pick<RunShape, 'reduceCount'>,
): string[] {
  return outputPaths(output ?? workspace.out, reduceCount);
}

/** Receives the output that the job's code prints outside of workers. */
export type OnOutput = (line: string) => void;

export interface Preparing {
  /** Whether the run that follows replaces the state of an earlier run in the state directory. Default true. */
  readonly replaces?: boolean;
  /** Receives warnings about inputs that can be read all the same. */
  readonly note?: (line: string) => void;
}

/**
 * @throws UsageError if the job, a parameter or an input is not as expected; JobError if the job's code fails while it is
 * loaded
 */
export async function prepareJob(
  options: LocalRunOptions,
  onOutput: OnOutput,
  { replaces = true, note = () => {} }: Preparing = {},
): Promise<PreparedJob> {
  if (options.inputs.length === 0) throw new UsageError('expected input files or patterns, found none');
  for (const tasks of [options.maps ?? 1, options.reduces ?? 1]) {
    if (tasks > MOST_TASKS) throw new UsageError(`expected at most ${MOST_TASKS} map or reduce tasks, found ${tasks}`);
  }
  checkTracePath(options.trace);
  const { port = DEFAULTS.port, workerPort = DEFAULTS.workerPort } = options;
  checkPorts(workerPort, options.workers ?? 1);
  await checkMayListen('--port', port);
  await checkMayListen('--worker-port', workerPort);
  const workspace = stateDirectory(options.dir ?? DEFAULTS.dir);
  const path = findJob(options.job ?? DEFAULTS.job);
  const params = { ...options.params };
  await using opened = new AsyncDisposableStack();
  const host = opened.use(openHost(options, onOutput));
  const loading = host.load(path, params, options.interrupt);
  let found: FoundInputs;
  let output: string | undefined;
  try {
    found = findInputs(options.inputs, replaces ? workspace : undefined);
    output = findOutput(options.output, workspace, found.inputs);
  } catch (error) {
    // Problems with the job are reported first.
    await loading;
    throw error;
  }
  const job = await loading;
  const { inputs, notes, asText } = found;
  if (job.isText && asText.refusal !== undefined) throw asText.refusal;
  for (const line of [...notes, ...(job.isText ? asText.notes : [])]) note(line);
  const kept = opened.move();
  return { job, path, params, inputs, workspace, output, host, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function openHost(options: Partial<LocalRunOptions>, onOutput: OnOutput): JobHost {
  const { taskMemoryBytes: heapBytes = DEFAULTS.taskMemoryBytes, taskTimeoutMs: timeoutMs = DEFAULTS.taskTimeoutMs } =
    options;
  return new JobHost({ heapBytes, timeoutMs, onOutput });
}

/** Returns the output of the whole job without the `skipped` records, as a sequential run makes it, in a separate process. */
export async function* runInOneProcess(
  { path, params, inputs }: PreparedJob,
  options: Partial<LocalRunOptions>,
  skipped: readonly RecordPlace[],
  onOutput: OnOutput,
  onProgress: (progress: SequentialProgress) => void,
): AsyncGenerator<Buffer> {
  await using host = openHost(options, onOutput);
  await host.load(path, params);
  yield* host.sequential(inputs, skipped, onProgress);
}

/**
 * Locks the workspace for a run: until the lock is disposed of, no other driver touches the workspace.
 * @throws UsageError if another driver has locked it
 */
export function lockWorkspace({ workspace, job }: PreparedJob): Disposable {
  return lockDirectory(workspace.lock, `a run of ${job.name}`);
}

/** A run that has ended well, with the records that it has skipped. */
export interface LocalRunResult {
  readonly shape: RunShape;
  readonly skipped: readonly RecordPlace[];
}

/**
 * Runs a prepared job on workers, in a locked workspace. When it returns, the output is in the workspace.
 * @throws JobError, LostError, CorruptError, UsageError or InterruptedError if the run does not end well
 */
export async function runLocal(
  prepared: PreparedJob,
  options: LocalRunOptions,
  observer: LocalObserver,
): Promise<LocalRunResult> {
  await using _host = prepared.host;
  await using watch = new RunWatch(prepared.workspace, options, observer);
  const { taskTimeoutMs = DEFAULTS.taskTimeoutMs } = options;
  const { shape, outcome } = await run(
    {
      workspace: prepared.workspace,
      job: originOf(prepared),
      jobSource: sourceOf(prepared),
      inputs: prepared.inputs,
      output: prepared.output,
      counts: { mapCount: options.maps, reduceCount: options.reduces, workerCount: options.workers },
      ...cuttingOf(prepared, options.interrupt),
      hotKeysOf,
      port: options.port ?? DEFAULTS.port,
      firstPort: options.workerPort ?? DEFAULTS.workerPort,
      limits: {
        maxAttempts: options.maxAttempts ?? DEFAULTS.maxAttempts,
        maxRespawns: options.maxRespawns ?? DEFAULTS.maxRespawns,
        taskTimeoutMs: taskTimeoutMs === Infinity ? 0 : taskTimeoutMs,
        backup: options.backup ?? DEFAULTS.backup,
        skipBadRecords: options.skipBadRecords ?? DEFAULTS.skipBadRecords,
      },
      taskSilenceMs: options.taskSilenceMs ?? DEFAULTS.taskSilenceMs,
      taskLimits: {
        heapBytes: options.taskMemoryBytes ?? DEFAULTS.taskMemoryBytes,
        mapBufferBytes: options.mapBufferBytes ?? DEFAULTS.mapBufferBytes,
        mergeFanIn: options.mergeFanIn ?? DEFAULTS.mergeFanIn,
        compressMapOutput: options.compressMapOutput ?? false,
      },
      chunkMode: options.chunks,
      fresh: options.fresh ?? false,
      interrupt: options.interrupt,
      keepOpen: options.keepOpen,
    },
    watch.observer,
  );
  if (outcome.state !== 'done') throw errorOfEnd(outcome);
  return { shape, skipped: outcome.skipped.map(({ file, offset }) => ({ file, offset })) };
}

/** Returns the identity of a run of the prepared job: a later run with the same one may continue it. */
export function identityOfRun(prepared: PreparedJob): Identity {
  return identityOf(originOf(prepared), sourceOf(prepared), prepared.inputs, prepared.output);
}

function sourceOf({ path, params, job }: PreparedJob): DriverOptions['jobSource'] {
  return { path, digest: digestOfParts(job.parts), params };
}

function originOf({ job: { name, parts, env } }: PreparedJob): DriverOptions['job'] {
  return { name, parts, environment: environmentOf(process.env, env), declared: env };
}

/** Does everything that needs the job before its tasks begin. Then its host has nothing left to do, and ends. */
function cuttingOf(
  { job, host, inputs }: PreparedJob,
  interrupt: AbortSignal | undefined,
): Pick<DriverOptions, 'planChunks' | 'sampleFirstKeys'> {
  // Nothing waits for this.
  const end = (): void => void host[Symbol.asyncDispose]();
  const sampleFirstKeys = async (count: number): Promise<string[]> =>
    cutRanges(await host.sampleKeys(inputs, count, interrupt).finally(end), count);
  return {
    planChunks: async (count) => {
      const planned = await host.planChunks(inputs, count, interrupt);
      if (job.partition === 'hash') end();
      return planned;
    },
    sampleFirstKeys: job.partition === 'range' ? sampleFirstKeys : undefined,
  };
}

function errorOfEnd(outcome: Exclude<Outcome, { state: 'done' }>): Error {
  return outcome.state === 'failed'
    ? failureOf(outcome.cause)
    : new InterruptedError(
        `interrupted by ${outcome.signal}; the output is not complete: run the same command again to continue`,
      );
}

/** Returns the error for a failed run. Its class says who has to act. */
export function failureOf(cause: FailureCause): Error {
  const message = causeText(cause);
  if (cause.type === 'input-changed') return new InputError(message);
  if (cause.type === 'damaged-again') return new CorruptError(message);
  switch (cause.last.kind) {
    case 'lost':
      return cause.last.loss.isRefused === true ? goesOn(message) : new LostError(message);
    case 'usage':
      return new UsageError(message);
    case 'input':
      return new InputError(message);
    case 'corrupt':
      return new CorruptError(message);
    case 'system':
      return goesOn(message);
    case 'refused':
      return new SystemError(message);
    default:
      return new JobError(message);
  }
}

function goesOn(message: string): SystemError {
  return new SystemError(`${message}; run the same command again to continue`);
}
