// The effects of a real run: worker processes, HTTP, and commits in the file system.

import { messageOf, SystemError } from '../errors.ts';
import type { AttemptId, TaskId, TaskKind, TaskRequest } from '../protocol.ts';
import type { WorkerId } from '../scheduler/events.ts';
import { commitFile, type RunRecord, syncFolder, type Workspace } from '../workspace.ts';
import type { Effects, Report } from './effects.ts';
import { GroupedSyncs } from './grouped-syncs.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What a task may hold in memory. */
export type TaskLimits = Pick<TaskRequest, 'mapBufferBytes' | 'mergeFanIn' | 'compressRuns'>;

export interface LocalEffectsOptions {
  readonly run: RunRecord;
  readonly workspace: Workspace;
  /** The job's path and its parameters as they were given. */
  readonly job: TaskRequest['job'];
  readonly limits: TaskLimits;
  readonly pool: WorkerPool;
  readonly report: Report;
  /** A bug of our own, or a file system that refuses: the run cannot go on. */
  readonly onError: (error: unknown) => void;
}

export function localEffects({ run, workspace, job, limits, pool, report, onError }: LocalEffectsOptions): Effects {
  const syncs = new GroupedSyncs(syncFolder);
  return {
    respawnWorker: (worker) => void pool.spawn(worker).catch(onError),
    startAttempt: (attempt, task, worker) => startAttempt(attempt, task, worker),
    commit: (attempt, task) => {
      commit(attempt, task).then(
        () => report({ type: 'task-committed', attempt }),
        (error: unknown) =>
          onError(new SystemError(`${task} could not be committed: ${messageOf(error)}`, { cause: error })),
      );
    },
  };

  function startAttempt(attempt: AttemptId, task: TaskId, worker: WorkerId): void {
    const { kind, index } = partsOf(task);
    const request: TaskRequest = {
      runId: run.id,
      dir: workspace.dir,
      job,
      mapCount: run.mapCount,
      reduceCount: run.reduceCount,
      task: index,
      attempt: Number(attempt.slice(task.length + 1)),
      ...limits,
    };
    pool.runTask(worker, kind, request, {
      progressed: (records, bytes) => report({ type: 'attempt-progressed', attempt, records, bytes }),
      succeeded: (answer) => report({ type: 'attempt-succeeded', attempt, report: answer }),
      failed: (failure) => report({ type: 'attempt-failed', attempt, failure }),
    });
  }

  async function commit(attempt: AttemptId, task: TaskId): Promise<void> {
    const { kind, index } = partsOf(task);
    commitFile(
      workspace.attempt(run.id, attempt),
      kind === 'map' ? workspace.mapOutput(index) : workspace.reduceOutput(index),
    );
    await syncs.sync(kind === 'map' ? workspace.intermediate : workspace.out);
  }
}

function partsOf(task: TaskId): { kind: TaskKind; index: number } {
  const [kind, index] = task.split('-') as [TaskKind, string];
  return { kind, index: Number(index) };
}
