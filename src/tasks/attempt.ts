// What every attempt has: its names, its place in the workspace, its counters.

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

/** How far an attempt is, written by it and read from outside at any time. */
export interface Progress {
  records: number;
  bytes: number;
  /** Counts whatever else shows that it goes on: pairs emitted, values drawn, blocks merged or written, lines printed. */
  steps: number;
  /** It waits for what says nothing of how far it is: its thread to start, or the disk to have what was written. */
  isWaiting: boolean;
  /** Records are those of a slice from now on. */
  beginSlice(slice: number, file: string): void;
  /** Map is called with the record at this byte of its file from now on. */
  beginRecord(offset: number): void;
  /** Where a key may stand that `beginKey` is called with: it need not be copied then. */
  readonly keyMemory: Buffer;
  /** Reduce is called with a key from now on: the first `length` bytes of `key`. */
  beginKey(key: Buffer, length: number): void;
  /** Combine is called, on behalf of no record in particular, until `goOn`. */
  pause(): void;
  goOn(): void;
  /** Neither is called any more. */
  leave(): void;
  /** The record or key that is being worked at. */
  readonly place: Place | undefined;
}

export interface Attempt {
  readonly task: TaskId;
  readonly id: AttemptId;
  readonly workspace: Workspace;
  /** The file that this attempt, and no other, writes. */
  readonly path: string;
  /** What it writes on the way has names that begin so, in the state directory. */
  readonly scratch: string;
  readonly request: TaskRequest;
}

/** @throws what `describeFailure` turns into words, where the state directory belongs to another run */
export function attemptOf(kind: TaskKind, request: TaskRequest): Attempt {
  const workspace = workspaceAt(request.dir);
  const task: TaskId = `${kind}-${request.task}`;
  const id: AttemptId = `${task}.${request.attempt}`;
  const scratch = workspace.attempt(request.driverId, id);
  const path = kind === 'map' ? scratch : join(resultsFor(kind, request).attempts, basename(scratch));
  return { task, id, workspace, path, scratch, request };
}

/** Of the run that this thread has last worked for. */
let known: { readonly dir: string; readonly runId: string; readonly results: Results } | undefined;

/** Where the results of the request's run lie: its record says so, not the request. */
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
 * Makes sure that the request is one to act upon: of the run that the state directory belongs to, for a task that is
 * not committed, in an attempt that nobody has begun. So a request that comes late, or twice, changes nothing. The
 * attempt's file is there then, and empty.
 * @throws what `describeFailure` turns into words
 */
export function claimAttempt(kind: TaskKind, request: TaskRequest): void {
  // As it is now: another run may have the state directory.
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

/** Creates the attempt's file: who does may write and remove it, and nobody else. */
function claim(id: AttemptId, path: string): void {
  try {
    closeSync(withRoom(path, 0, () => openSync(path, 'wx')));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw refusal(`${id}: this attempt has been started before`);
    throw codeOf(error) === 'ENOENT' ? refusal(`${id}: the run has ended`) : error;
  }
}

/** @throws RangeError if a counter may not have this name, or there are enough of them */
function checkNewCounter(name: string, count: number): void {
  if (name.length > MOST_COUNTER_NAME_LENGTH) {
    const found = `${name.length}: ${quoted(name)}`;
    throw new RangeError(`counter: expected a name of at most ${MOST_COUNTER_NAME_LENGTH} characters, found ${found}`);
  }
  if (count < MOST_COUNTERS) return;
  const most = MOST_COUNTERS.toLocaleString('en');
  throw new RangeError(
    `expected at most ${most} counters, found one more, ${quoted(name)}; emit what there is so much of as pairs`,
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

  // A function of its own, so that a job may take it out of the context: `{ count }`.
  readonly count = (name: string, by = 1): void => {
    checkCount(name, by);
    if (this.#hasReported)
      noteMissing(this.#run, `${this.attempt} had ended when the job added to the counter ${quoted(name)}`);
    const before = this.#counters.get(name);
    if (before === undefined) checkNewCounter(name, this.#counters.size);
    this.#counters.set(name, (before ?? 0) + by);
    this.#progress.steps++;
  };

  /** The counters of the attempt, for its report: what is added later is missing in it. */
  reportCounters(): [name: string, count: number][] {
    this.#hasReported = true;
    return [...this.#counters];
  }
}

/** @throws TypeError if these are not a counter's name and a number to add to it */
export function checkCount(name: unknown, by: unknown): void {
  if (typeof name !== 'string')
    throw new TypeError(`count: expected a text as a counter's name, found ${described(name)}`);
  if (Number.isFinite(by)) return;
  throw new TypeError(`counter ${quoted(name)}: expected a finite number, found ${described(by)}`);
}
