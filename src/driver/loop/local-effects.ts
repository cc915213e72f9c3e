// The effects of a real run: worker processes, HTTP, the journal, and commits in the file system.

import { basename } from 'node:path';

import { MapReduceError, messageOf, SystemError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { removeFile } from '../../machine/regular-file.ts';
import type { TaskRequest } from '../../protocol.ts';
import type { CommittedFile, HotKey, SkippedBadRecord, StartAttempt } from '../../scheduler/events.ts';
import { type AttemptId, indexOf, kindOf, numberOf, type TaskId } from '../../task-ids.ts';
import type { Workspace } from '../../workspace/paths.ts';
import type { AttemptProgress } from '../crew/worker-client.ts';
import type { WorkerPool } from '../crew/worker-pool.ts';
import type { RunShape } from '../plan-run.ts';
import { dispatchLost, verifyCommitted } from '../resume/committed-files.ts';
import { commitFile } from './commit-file.ts';
import type { Dispatch, Effects } from './effects.ts';
import type { JournalFile } from './journal-file.ts';
import type { Outputs } from './outputs.ts';
import { PacedProgress } from './paced-progress.ts';
import { nowMs } from './run-time.ts';

/** How much memory a task may use, and what it writes. */
export type TaskLimits = Pick<TaskRequest, 'mapBufferBytes' | 'mergeFanIn' | 'compressMapOutput' | 'heapBytes'>;

export interface LocalEffectsOptions {
  readonly shape: RunShape;
  readonly workspace: Workspace;
  readonly outputs: Outputs;
  /** The job's path, and its parameters as they were given. */
  readonly job: TaskRequest['job'];
  readonly limits: TaskLimits;
  readonly pool: WorkerPool;
  readonly journal: JournalFile;
  /** Writes one chunk from the inputs. */
  readonly writeChunk: (chunk: number) => void;
  /** Writes `run.json` and `job.json` again if they are not as they should be. */
  readonly restoreFiles: () => void;
  /** Writes the token file again if it does not have the driver's token. */
  readonly keepToken: () => void;
  /** Returns the most frequent keys that a committed map output names. */
  readonly hotKeysOf: (path: string) => readonly HotKey[] | undefined;
  readonly dispatch: Dispatch;
  /** Called with a bug of ours, or a refusal of the file system: the run cannot continue. */
  readonly onError: (error: unknown) => void;
}

export function localEffects(options: LocalEffectsOptions): Effects {
  const { shape, workspace, outputs, pool, journal, dispatch, onError } = options;
  return {
    now: nowMs,
    append: (lines) => journal.append(lines),
    respawnWorker: (worker, delayMs) => {
      options.keepToken();
      void pool.respawn(worker, delayMs).catch(onError);
    },
    startAttempt: (order) => {
      // The attempt before may have failed because one of them was missing.
      if (numberOf(order.attempt) > 1) options.restoreFiles();
      startAttempt(options, order);
    },
    cancelAttempt: (attempt, worker) => void pool.cancel(worker, attempt).catch(onError),
    commit: (attempt, file) => {
      commit(attempt, file).then(
        (hotKeys) => dispatch({ type: 'task-committed', attempt, ...(hotKeys === undefined ? {} : { hotKeys }) }),
        (error: unknown) => notCommitted(attempt, file.task, error),
      );
    },
    discard,
    rewriteChunk: (chunk) => {
      try {
        options.writeChunk(chunk);
        dispatch({ type: 'chunk-rewritten', chunk });
      } catch (error) {
        onError(refusal(`chunk ${chunk} could not be written again`, error));
      }
    },
    verify: (files) => {
      verifyCommitted(workspace, outputs, files, dispatch).catch((error: unknown) =>
        onError(refusal('what was committed could not be read', error)),
      );
    },
    publish: (skipped) => {
      publish(skipped).catch((error: unknown) => onError(refusal('the results could not be put in place', error)));
    },
  };

  /** The file that is there is not the task's file. It must make room for that of the next attempt. */
  function notCommitted(attempt: AttemptId, task: TaskId, error: unknown): void {
    try {
      discard(task);
      dispatch({ type: 'commit-failed', attempt, message: messageOf(refusedCall(error)) });
    } catch (refused) {
      onError(refusal(`${task} could not be committed`, refused));
    }
  }

  /** Returns the most frequent keys of a map output. */
  async function commit(attempt: AttemptId, file: CommittedFile): Promise<readonly HotKey[] | undefined> {
    const index = indexOf(file.task);
    const path = workspace.attempt(shape.driverId, attempt);
    if (kindOf(file.task) === 'reduce') return outputs.commit(basename(path), index, file).then(() => undefined);
    // The bytes of a map output are not synced, so its name need not be: after a crash of the machine, its readers check it.
    commitFile(path, workspace.mapOutput(index), file.bytes);
    return options.hotKeysOf(workspace.mapOutput(index));
  }

  function discard(task: TaskId): void {
    const index = indexOf(task);
    removeFile(kindOf(task) === 'map' ? workspace.mapOutput(index) : outputs.path(index));
  }

  async function publish(skipped: readonly SkippedBadRecord[]): Promise<void> {
    const lost = await outputs.publish(skipped, () => journal.sync());
    if (lost.length === 0) dispatch({ type: 'published' });
    else dispatchLost(lost, dispatch);
  }
}

function startAttempt(options: LocalEffectsOptions, order: StartAttempt): void {
  const { shape, workspace, job, limits, pool, dispatch } = options;
  const { attempt, task, worker, generation, careful, skip } = order;
  const request: TaskRequest = {
    runId: shape.runId,
    driverId: shape.driverId,
    dir: workspace.dir,
    job,
    mapCount: shape.mapCount,
    reduceCount: shape.reduceCount,
    task: indexOf(task),
    attempt: numberOf(attempt),
    ...limits,
    generation,
    careful,
    skip: [...skip],
  };
  const pace = new PacedProgress<AttemptProgress>((progress) =>
    dispatch({ type: 'attempt-progressed', attempt, ...progress }),
  );
  pool.runTask(worker, kindOf(task), attempt, request, {
    progressed: (progress) => pace.take(progress),
    succeeded: (report) => {
      pace.end();
      dispatch({ type: 'attempt-succeeded', attempt, report });
    },
    failed: (failure) => {
      pace.end();
      dispatch({ type: 'attempt-failed', attempt, failure });
    },
  });
}

/** Adds to a refusal of the machine what the call was for. An error in our own words stays as it is. */
function refusal(what: string, error: unknown): unknown {
  if (error instanceof MapReduceError) return error;
  const refused = refusedCall(error);
  return refused === error ? error : new SystemError(`${what}: ${messageOf(refused)}`, { cause: error });
}
