// Runs a job on this machine: reads what the user asked for, hands it to the driver, and says plainly how it ended.

import type { ChunkMode } from '../driver/chunker.ts';
import { findInputs, type InputFile } from '../driver/inputs.ts';
import { sampleFirstKeys } from './sample.ts';
import { lockDirectory } from '../driver/lock.ts';
import { checkPorts } from '../driver/ports.ts';
import { type FailureCause, type Outcome, run, type RunObserver, type RunResult } from '../driver/run.ts';
import { CorruptError, InterruptedError, JobError, LostError, SystemError, UsageError } from '../errors.ts';
import type { AnyJob } from '../job.ts';
import { findJob, loadJob, readParams } from '../job-loading.ts';
import { MOST_TASKS } from '../protocol.ts';
import { type Workspace, workspaceAt } from '../workspace.ts';

/** What a user asks for; every field but the inputs has a default. */
export interface LocalRunOptions {
  /** Paths and patterns. */
  readonly inputs: readonly string[];
  /** A built-in job's name or a job file's path. Default `word-count`. */
  readonly job?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** The state directory. Default `files`. */
  readonly dir?: string | undefined;
  readonly maps?: number | undefined;
  readonly reduces?: number | undefined;
  readonly workers?: number | undefined;
  readonly workerPort?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly maxRespawns?: number | undefined;
  readonly taskSilenceMs?: number | undefined;
  readonly chunks?: ChunkMode | undefined;
  readonly mapBufferBytes?: number | undefined;
  readonly mergeFanIn?: number | undefined;
  readonly compressRuns?: boolean | undefined;
  readonly interrupt?: AbortSignal | undefined;
}

export const DEFAULTS = {
  job: 'word-count',
  dir: 'files',
  workerPort: 8001,
  maxAttempts: 4,
  maxRespawns: 5,
  taskSilenceMs: 10_000,
  mapBufferBytes: 64 * 1024 * 1024,
  mergeFanIn: 256,
} as const;

/** A job with all that it needs, checked before anything starts. */
export interface PreparedJob {
  readonly job: AnyJob;
  readonly path: string;
  readonly params: Record<string, unknown>;
  readonly inputs: readonly InputFile[];
  readonly workspace: Workspace;
}

/** @throws UsageError where the job, a parameter or an input is not as expected */
export async function prepareJob(options: LocalRunOptions): Promise<PreparedJob> {
  if (options.inputs.length === 0) throw new UsageError('expected input files or patterns, found none');
  for (const tasks of [options.maps ?? 1, options.reduces ?? 1]) {
    if (tasks > MOST_TASKS) throw new UsageError(`expected at most ${MOST_TASKS} map or reduce tasks, found ${tasks}`);
  }
  checkPorts(options.workerPort ?? DEFAULTS.workerPort, options.workers ?? 1);
  const workspace = workspaceAt(options.dir ?? DEFAULTS.dir);
  const path = findJob(options.job ?? DEFAULTS.job);
  const job = await loadJob(path);
  const params = readParams(job, options.params ?? {});
  return { job, path, params, inputs: findInputs(options.inputs, workspace), workspace };
}

/**
 * Takes the workspace for a run: until the answer is disposed of, no other driver touches it.
 * @throws UsageError where another one has it
 */
export function lockWorkspace({ workspace, job }: PreparedJob): Disposable {
  return lockDirectory(workspace.lock, `a run of ${job.name}`);
}

/**
 * Runs a prepared job on workers, in a workspace that is locked. Its output is in the workspace when this returns.
 * @throws JobError, LostError, CorruptError, UsageError or InterruptedError where the run does not end well
 */
export async function runLocal(
  prepared: PreparedJob,
  options: LocalRunOptions,
  observer: RunObserver,
): Promise<RunResult> {
  const result = await run(
    {
      workspace: prepared.workspace,
      job: prepared.job,
      jobSource: { path: prepared.path, params: { ...options.params } },
      inputs: prepared.inputs,
      sampleFirstKeys: prepared.job.partition === 'range' ? (count) => sampleFirstKeys(prepared, count) : undefined,
      mapCount: options.maps,
      reduceCount: options.reduces,
      workerCount: options.workers,
      firstPort: options.workerPort ?? DEFAULTS.workerPort,
      maxAttempts: options.maxAttempts ?? DEFAULTS.maxAttempts,
      maxRespawns: options.maxRespawns ?? DEFAULTS.maxRespawns,
      taskSilenceMs: options.taskSilenceMs ?? DEFAULTS.taskSilenceMs,
      limits: {
        mapBufferBytes: options.mapBufferBytes ?? DEFAULTS.mapBufferBytes,
        mergeFanIn: options.mergeFanIn ?? DEFAULTS.mergeFanIn,
        compressRuns: options.compressRuns ?? false,
      },
      chunkMode: options.chunks,
      interrupt: options.interrupt,
    },
    observer,
  );
  throwUnlessDone(result.outcome);
  return result;
}

function throwUnlessDone(outcome: Outcome): void {
  if (outcome.state === 'interrupted')
    throw new InterruptedError(`interrupted by ${outcome.signal}; the output is not complete`);
  if (outcome.state === 'failed') throw failureOf(outcome.cause);
}

function failureOf(cause: FailureCause): Error {
  const { last } = cause;
  if (last.kind === 'lost') {
    const { message, stderr } = last.loss;
    const task = cause.task === undefined ? 'the run' : cause.task;
    const used =
      cause.type === 'attempts-used-up'
        ? `${cause.attempts} attempts used up (--max-attempts)`
        : `no worker is left, ${cause.restarts} restarts each used up (--max-respawns)`;
    const said =
      stderr.length === 0 ? 'it wrote nothing to stderr that we saw' : `its stderr ends with\n${indent(stderr)}`;
    return new LostError(`${task} failed: ${used}; worker ${cause.worker} was lost last: ${message}; ${said}`);
  }
  const where = cause.task === undefined ? '' : `${cause.task} failed on worker ${cause.worker}`;
  if (last.kind === 'usage') return new UsageError(`${where}: ${last.message}`);
  if (last.kind === 'corrupt') return new CorruptError(`${where}: ${last.message}`);
  if (last.kind === 'system' || last.kind === 'refused') return new SystemError(`${where}: ${last.message}`);
  const tries = cause.type === 'attempts-used-up' ? `, attempt ${cause.attempts} of ${cause.attempts}` : '';
  const at = last.at === undefined ? '' : ` at ${last.at}`;
  return new JobError(`${where}${tries}${at}: ${last.message}${last.stack === undefined ? '' : `\n${last.stack}`}`);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
