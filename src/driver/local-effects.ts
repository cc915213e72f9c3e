// The effects of a real run: worker processes, HTTP, the journal, and commits in the file system.

import { MapReduceError, messageOf, SystemError } from '../errors.ts';
import type { AttemptId, TaskId, TaskKind, TaskRequest } from '../protocol.ts';
import type { HotKey, StartAttempt } from '../scheduler/events.ts';
import { removeFile } from '../state/regular-file.ts';
import { commitFile, syncFolder, type Workspace } from '../workspace.ts';
import type { Effects, Report } from './effects.ts';
import { GroupedSyncs } from './grouped-syncs.ts';
import type { JournalFile } from './journal.ts';
import type { RunShape } from './plan-run.ts';
import { nowMs } from './run-time.ts';
import { verifyFile } from './verify-file.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What a task may hold in memory. */
export type TaskLimits = Pick<TaskRequest, 'mapBufferBytes' | 'mergeFanIn' | 'compressRuns' | 'heapBytes'>;

export interface LocalEffectsOptions {
  readonly shape: RunShape;
  readonly workspace: Workspace;
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
  const { shape, workspace, pool, journal, report, onError } = options;
  const syncs = new GroupedSyncs(syncFolder);
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
    commit: (attempt, task) => {
      commit(attempt, task).then(
        (hotKeys) => report({ type: 'task-committed', attempt, ...(hotKeys === undefined ? {} : { hotKeys }) }),
        (error: unknown) => onError(refusal(`${task} could not be committed`, error)),
      );
    },
    discard: (task) => removeFile(pathOf(workspace, task)),
    rewriteChunk: (chunk) => {
      try {
        options.writeChunk(chunk);
        report({ type: 'chunk-rewritten', chunk });
      } catch (error) {
        onError(refusal(`chunk ${chunk} could not be written again`, error));
      }
    },
    verify: (files) => {
      const verifyAll = async (): Promise<void> => {
        for (const file of files) {
          const message = await verifyFile(pathOf(workspace, file.task), file);
          if (message !== undefined) report({ type: 'output-lost', task: file.task, message });
        }
        report({ type: 'outputs-verified' });
      };
      void verifyAll().catch(onError);
    },
  };

  /** Answers what a map output says of its keys. */
  async function commit(attempt: AttemptId, task: TaskId): Promise<readonly HotKey[] | undefined> {
    commitFile(workspace.attempt(shape.driverId, attempt), pathOf(workspace, task));
    // A run's bytes are not synced, so its name need not be: what a crash of the machine leaves of it is looked at.
    if (task.startsWith('map')) return options.hotKeysOf(pathOf(workspace, task));
    await syncs.sync(workspace.out);
    return undefined;
  }
}

function startAttempt({ shape, workspace, job, limits, pool, report }: LocalEffectsOptions, order: StartAttempt): void {
  const { attempt, task, worker, generation, careful, skip } = order;
  const { kind, index } = partsOf(task);
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
  pool.runTask(worker, kind, attempt, request, {
    progressed: (progress) => report({ type: 'attempt-progressed', attempt, ...progress }),
    succeeded: (answer) => report({ type: 'attempt-succeeded', attempt, report: answer }),
    failed: (failure) => report({ type: 'attempt-failed', attempt, failure }),
  });
}

function pathOf(workspace: Workspace, task: TaskId): string {
  const { kind, index } = partsOf(task);
  return kind === 'map' ? workspace.mapOutput(index) : workspace.reduceOutput(index);
}

function partsOf(task: TaskId): { kind: TaskKind; index: number } {
  const [kind, index] = task.split('-') as [TaskKind, string];
  return { kind, index: Number(index) };
}

/** What is said already in our own words stays; anything else is the machine's. */
function refusal(what: string, error: unknown): Error {
  return error instanceof MapReduceError ? error : new SystemError(`${what}: ${messageOf(error)}`, { cause: error });
}
