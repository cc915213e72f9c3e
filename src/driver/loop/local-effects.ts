// The effects of a real run: worker processes, HTTP, the journal, and commits in the file system.

import { basename } from 'node:path';

import { MapReduceError, messageOf, SystemError } from '../../errors.ts';
import type { TaskRequest } from '../../protocol.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import type { CommittedFile, HotKey, SkippedBadRecord, StartAttempt } from '../../scheduler/events.ts';
import { removeFile } from '../../machine/regular-file.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { commitFile } from './commit-file.ts';
import type { Effects, Report } from './effects.ts';
import type { JournalFile } from './journal-file.ts';
import type { Outputs } from './outputs.ts';
import { PacedProgress } from './paced-progress.ts';
import type { RunShape } from '../plan-run.ts';
import { nowMs } from './run-time.ts';
import { verifyFile } from '../resume/verify-file.ts';
import type { Progress } from '../crew/worker-client.ts';
import type { WorkerPool } from '../crew/worker-pool.ts';
import { type AttemptId, indexOf, kindOf, type TaskId } from '../../task-ids.ts';

/** What a task may hold in memory. */
export type TaskLimits = Pick<TaskRequest, 'mapBufferBytes' | 'mergeFanIn' | 'compressRuns' | 'heapBytes'>;

export interface LocalEffectsOptions {
  readonly shape: RunShape;
  readonly workspace: Workspace;
  readonly outputs: Outputs;
  /** The job's path and its parameters as they were given. */
  readonly job: TaskRequest['job'];
  readonly limits: TaskLimits;
  readonly pool: WorkerPool;
  readonly journal: JournalFile;
  /** Writes one chunk out of the inputs. */
  readonly writeChunk: (chunk: number) => void;
  /** Sees to it that `run.json` is as it should be. */
  readonly keepRecord: () => void;
  /** Sees to it that the token's file has the token. */
  readonly keepToken: () => void;
  /** What is said in a committed map output of the keys that were emitted most. */
  readonly hotKeysOf: (path: string) => readonly HotKey[] | undefined;
  readonly report: Report;
  /** A bug of our own, or a file system that refuses: the run cannot go on. */
  readonly onError: (error: unknown) => void;
}

export function localEffects(options: LocalEffectsOptions): Effects {
  const { shape, workspace, outputs, pool, journal, report, onError } = options;
  return {
    now: nowMs,
    append: (lines) => journal.append(lines),
    respawnWorker: (worker, delayMs) => {
      options.keepToken();
      void pool.respawn(worker, delayMs).catch(onError);
    },
    startAttempt: (order) => {
      // The one before may have failed because of it.
      if (!order.attempt.endsWith('.1')) options.keepRecord();
      startAttempt(options, order);
    },
    cancelAttempt: (attempt, worker) => void pool.cancel(worker, attempt).catch(onError),
    commit: (attempt, file) => {
      commit(attempt, file).then(
        (hotKeys) => report({ type: 'task-committed', attempt, ...(hotKeys === undefined ? {} : { hotKeys }) }),
        (error: unknown) => notCommitted(attempt, file.task, error),
      );
    },
    discard,
    rewriteChunk: (chunk) => {
      try {
        options.writeChunk(chunk);
        report({ type: 'chunk-rewritten', chunk });
      } catch (error) {
        onError(refusal(`chunk ${chunk} could not be written again`, error));
      }
    },
    verify: (files) => {
      verify(files).catch((error: unknown) => onError(refusal('what was committed could not be read', error)));
    },
    publish: (skipped) => {
      publish(skipped).catch((error: unknown) => onError(refusal('the results could not be put in place', error)));
    },
  };

  /** What is there is not the task's file: the next attempt needs its place. */
  function notCommitted(attempt: AttemptId, task: TaskId, error: unknown): void {
    try {
      discard(task);
      report({ type: 'commit-failed', attempt, message: messageOf(refusedCall(error)) });
    } catch (refused) {
      onError(refusal(`${task} could not be committed`, refused));
    }
  }

  /** Returns what a map output says of its keys. */
  async function commit(attempt: AttemptId, file: CommittedFile): Promise<readonly HotKey[] | undefined> {
    const kind = kindOf(file.task);
    const index = indexOf(file.task);
    const path = workspace.attempt(shape.driverId, attempt);
    if (kind === 'reduce') return outputs.commit(basename(path), index, file).then(() => undefined);
    // A run's bytes are not synced, so its name need not be: what a crash of the machine leaves of it is looked at.
    commitFile(path, workspace.mapOutput(index), file.bytes);
    return options.hotKeysOf(workspace.mapOutput(index));
  }

  function discard(task: TaskId): void {
    const index = indexOf(task);
    removeFile(kindOf(task) === 'map' ? workspace.mapOutput(index) : outputs.path(index));
  }

  async function verify(files: readonly CommittedFile[]): Promise<void> {
    const isOutput = ({ task }: CommittedFile): boolean => kindOf(task) === 'reduce';
    for (const file of files.filter((one) => !isOutput(one))) {
      const message = await verifyFile(workspace.mapOutput(indexOf(file.task)), file);
      if (message !== undefined) report({ type: 'output-lost', task: file.task, message });
    }
    reportLost(await outputs.lost(files.filter(isOutput)));
    report({ type: 'outputs-verified' });
  }

  async function publish(skipped: readonly SkippedBadRecord[]): Promise<void> {
    const lost = await outputs.publish(skipped, () => journal.sync());
    if (lost.length === 0) report({ type: 'published' });
    else reportLost(lost);
  }

  function reportLost(lost: readonly (readonly [TaskId, string])[]): void {
    for (const [task, message] of lost) report({ type: 'output-lost', task, message });
  }
}

function startAttempt({ shape, workspace, job, limits, pool, report }: LocalEffectsOptions, order: StartAttempt): void {
  const { attempt, task, worker, generation, careful, skip } = order;
  const kind = kindOf(task);
  const index = indexOf(task);
  const request: TaskRequest = {
    runId: shape.runId,
    driverId: shape.driverId,
    dir: workspace.dir,
    job,
    mapCount: shape.mapCount,
    reduceCount: shape.reduceCount,
    task: index,
    attempt: Number(attempt.slice(task.length + 1)),
    ...limits,
    generation,
    careful,
    skip: [...skip],
  };
  const pace = new PacedProgress<Progress>((progress) => report({ type: 'attempt-progressed', attempt, ...progress }));
  pool.runTask(worker, kind, attempt, request, {
    progressed: (progress) => pace.take(progress),
    succeeded: (answer) => {
      pace.end();
      report({ type: 'attempt-succeeded', attempt, report: answer });
    },
    failed: (failure) => {
      pace.end();
      report({ type: 'attempt-failed', attempt, failure });
    },
  });
}

/** What is said already in our own words stays; what the machine says is told with what it was for. */
function refusal(what: string, error: unknown): unknown {
  if (error instanceof MapReduceError) return error;
  const refused = refusedCall(error);
  return refused === error ? error : new SystemError(`${what}: ${messageOf(refused)}`, { cause: error });
}
