// Defines an attempt (its names and its files in the workspace), claims it, and gives user functions their context.

import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { codeOf } from '../errors.ts';
import { described, quoted } from '../described-value.ts';
import type { TaskContext } from '../job.ts';
import { MOST_COUNTER_NAME_LENGTH, MOST_COUNTERS, type Place, type TaskRequest } from '../protocol.ts';
import type { AttemptId, TaskId, TaskKind } from '../task-ids.ts';
import { outputName, type Results, resultsOf } from '../workspace/result-set.ts';
import { readManifest } from '../workspace/run-manifest.ts';
import { type Workspace, workspaceAt } from '../workspace/paths.ts';
import { withRoom } from '../machine/full-disk.ts';
import { refusal } from './failure.ts';
import { noteMissing } from './late-pairs.ts';

/** The progress of an attempt. The attempt writes it; others may read it at any time. */
export interface Progress {
  records: number;
  bytes: number;
  /** Counts all other signs of progress: pairs emitted, values read, blocks merged or written, lines printed. */
  steps: number;
  /** Whether the attempt waits for something unrelated to its progress: its thread to start, or the disk to sync. */
  isWaiting: boolean;
  /** Marks that records come from this slice from now on. */
  beginSlice(slice: number, file: string): void;
  /** Marks that map is called with the record at this byte offset of its file. */
  beginRecord(offset: number): void;
  /** Memory for the key of `beginKey`. A key that lies here already is not copied. */
  readonly keyMemory: Buffer;
  /** Marks that reduce is called with a key: the first `length` bytes of `key`. */
  beginKey(key: Buffer, length: number): void;
  /** Marks that combine runs, which belongs to no particular record, until `goOn` is called. */
  pause(): void;
  goOn(): void;
  /** Marks that neither map nor reduce is called any more. */
  leave(): void;
  /** The record or key that is being processed. */
  readonly place: Place | undefined;
}

export interface Attempt {
  readonly task: TaskId;
  readonly id: AttemptId;
  readonly workspace: Workspace;
  /** The file that only this attempt writes. */
  readonly path: string;
  /** The path prefix of the attempt's temporary files, in the state directory. */
  readonly scratch: string;
  readonly request: TaskRequest;
}

/** @throws an error for `describeFailure` if the state directory belongs to another run. */
export function attemptOf(kind: TaskKind, request: TaskRequest): Attempt {
  const workspace = workspaceAt(request.dir);
  const task: TaskId = `${kind}-${request.task}`;
  const id: AttemptId = `${task}.${request.attempt}`;
  const scratch = workspace.attempt(request.driverId, id);
  const path = kind === 'map' ? scratch : join(resultsFor(kind, request).attempts, basename(scratch));
  return { task, id, workspace, path, scratch, request };
}

/** The results of the run that this thread last worked for. */
let known: { readonly dir: string; readonly runId: string; readonly results: Results } | undefined;

/** Returns the locations of a run's results. They come from the run's record, not from the request. */
function resultsFor(kind: TaskKind, { dir, runId, task, attempt }: TaskRequest): Results {
  if (known?.dir === dir && known.runId === runId) return known.results;
  const workspace = workspaceAt(dir);
  const run = readManifest(workspace.run);
  if (run?.id !== runId) {
    throw refusal(
      `${kind}-${task}.${attempt}: expected a request of run ${run?.id ?? '(none)'} in ${dir}, found run ${runId}`,
    );
  }
  known = { dir, runId, results: resultsOf(workspace, run) };
  return known.results;
}

/**
 * Claims an attempt by creating its file, empty. The request must be of the run that the state directory belongs to, for a
 * task that is not committed, and for an attempt that has not been started. So a late or repeated request changes nothing.
 * @throws an error for `describeFailure` if the request is refused
 */
export function claimAttempt(kind: TaskKind, request: TaskRequest): void {
  // Read the record again: the state directory may belong to another run by now.
  known = undefined;
  const results = resultsFor(kind, request);
  const { id, task, workspace, path } = attemptOf(kind, request);
  claim(id, path);
  const output = (): string => join(results.building, outputName(request.task, results.reduceCount));
  const committed = kind === 'map' ? workspace.mapOutput(request.task) : output();
  if (existsSync(committed)) {
    rmSync(path);
    throw refusal(`${id}: ${task} is committed already`);
  }
}

/** Creates the attempt's file. Only the worker that created it may write and remove it. */
function claim(id: AttemptId, path: string): void {
  try {
    closeSync(withRoom(path, 0, () => openSync(path, 'wx')));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw refusal(`${id}: this attempt has been started before`);
    throw codeOf(error) === 'ENOENT' ? refusal(`${id}: the run has ended`) : error;
  }
}

/** @throws RangeError if the name is too long, or the attempt has the maximum number of counters. */
function checkNewCounter(name: string, count: number): void {
  if (name.length > MOST_COUNTER_NAME_LENGTH) {
    const found = `${name.length}: ${quoted(name)}`;
    throw new RangeError(`counter: expected a name of at most ${MOST_COUNTER_NAME_LENGTH} characters, found ${found}`);
  }
  if (count < MOST_COUNTERS) return;
  const most = MOST_COUNTERS.toLocaleString('en');
  throw new RangeError(
    `expected at most ${most} counters, found one more, ${quoted(name)}; emit pairs for data of this size`,
  );
}

/** The context of an attempt's user functions. */
export class AttemptContext implements TaskContext {
  readonly runId: string;
  readonly task: string;
  readonly attempt: string;
  readonly params: TaskContext['params'];
  readonly #counters = new Map<string, number>();
  readonly #run: TaskRequest;
  readonly #progress: Pick<Progress, 'steps'>;
  #hasReported = false;

  constructor(attempt: Attempt, params: Record<string, unknown>, progress: Pick<Progress, 'steps'>) {
    this.#run = attempt.request;
    this.#progress = progress;
    this.runId = attempt.request.runId;
    this.task = attempt.task;
    this.attempt = attempt.id;
    this.params = params as TaskContext['params'];
  }

  // An own function, not a method, so that a job may destructure the context: `{ count }`.
  readonly count = (name: string, by = 1): void => {
    checkCount(name, by);
    if (this.#hasReported)
      noteMissing(this.#run, `${this.attempt} had ended when the job added to the counter ${quoted(name)}`);
    const before = this.#counters.get(name);
    if (before === undefined) checkNewCounter(name, this.#counters.size);
    this.#counters.set(name, (before ?? 0) + by);
    this.#progress.steps++;
  };

  /** Returns the attempt's counters for its report. Later additions are missing from the report. */
  reportCounters(): [name: string, count: number][] {
    this.#hasReported = true;
    return [...this.#counters];
  }
}

/** @throws TypeError if the arguments are not a counter's name and a finite number. */
export function checkCount(name: unknown, by: unknown): void {
  if (typeof name !== 'string')
    throw new TypeError(`count: expected a text as a counter's name, found ${described(name)}`);
  if (Number.isFinite(by)) return;
  throw new TypeError(`counter ${quoted(name)}: expected a finite number, found ${described(by)}`);
}
