// The state of a run: tasks, attempts and workers.

import type { AttemptReport, Place } from '../protocol.ts';
import type { AttemptId, TaskId, TaskKind } from '../task-ids.ts';
import type { Closing } from './closing.ts';
import type { RunLimits, SkippedBadRecord, WorkerId } from './events.ts';

type TaskState = 'waiting' | 'running' | 'committed' | 'failed';

export interface Task {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly index: number;
  state: TaskState;
  /** The number of the newest attempt. */
  attempts: number;
  /** How many attempts failed in a way that counts. */
  failures: number;
  /** How many attempts were lost with their worker, after they had begun. */
  losses: number;
  /** Whether one was: then, if records may be skipped, its next attempts write place marks. */
  hasLost: boolean;
  /** The workers that were lost with it since a record was last skipped: when the next one is, their restarts are given back. */
  lostWith: WorkerId[];
  /** The attempts that run, or whose file is being committed: two if one is a backup. */
  readonly open: OpenAttempt[];
  /** How many bytes there are to read, if that is known. */
  bytes: number | undefined;
  /** The report of the committed attempt; while its file is being made again, still the old one. */
  report: AttemptReport | undefined;
  /** The attempt that was committed. */
  winner: AttemptId | undefined;
  /** How often its file, or its chunk, was found damaged. */
  damages: number;
  /** Its chunk is being written again: until then no attempt can run. */
  lacksChunk: boolean;
  /** The skipped records. */
  readonly skipped: SkippedBadRecord[];
  /** The records at which one attempt has ended so far. */
  readonly suspects: Set<string>;
}

/**
 * `away`: no process listens, but one may be starting. `stopping`: it is giving up a cancelled attempt.
 * `leaving`: it finishes its task, and accepts no other. `set-aside`: its restarts are used up, or its attempts fail too often.
 * `gone`: it was lost or has left, and the driver does not start it; it may come back.
 */
type WorkerState = 'away' | 'idle' | 'busy' | 'stopping' | 'leaving' | 'set-aside' | 'gone';

export interface WorkerSlot {
  readonly id: WorkerId;
  /** Its name for people: `worker 3`, or the name under which it joined. */
  readonly name: string;
  /** It has joined: the driver does not start it again. */
  readonly joined: boolean;
  state: WorkerState;
  url: string | undefined;
  pid: number | undefined;
  host: string | undefined;
  attempt: AttemptId | undefined;
  restarts: number;
  /** How many of its attempts were committed. */
  committed: number;
  /** Attempts in a row that failed for reasons that may be the worker's. */
  failuresInARow: number;
  lastSeenMs: number | undefined;
}

/** An attempt that has been started, and has not ended. */
export interface OpenAttempt {
  readonly id: AttemptId;
  readonly task: Task;
  readonly worker: WorkerId;
  readonly backup: boolean;
  /** Moved on by the time in which the driver was absent. */
  startMs: number;
  /** The driver was absent while it ran, so its duration is unknown. */
  spansAbsence: boolean;
  records: number;
  bytes: number;
  steps: number;
  place: Place | undefined;
  /** When it reported last. */
  heardMs: number;
  /** When it reported progress last. */
  progressMs: number;
  /** For how long its reports have shown no progress. */
  stalledMs: number;
  /** Its report; its file waits to be committed. */
  report: AttemptReport | undefined;
  /** A map output that it has read was made again, and differs. */
  isOutdated: boolean;
}

export interface RunState {
  readonly limits: RunLimits;
  readonly tasks: { readonly map: readonly Task[]; readonly reduce: readonly Task[] };
  readonly workers: ReadonlyMap<WorkerId, WorkerSlot>;
  readonly open: ReadonlyMap<AttemptId, OpenAttempt>;
  readonly committed: { readonly map: number; readonly reduce: number };
  /** If keys are partitioned by range: the first key of each partition but the first, in base64, once they are known. */
  readonly firstKeys?: readonly string[] | undefined;
  /** `chunk` until the chunks are there, and a resumed run has verified its files. */
  readonly phase: 'chunk' | 'map' | 'reduce' | 'ended';
  readonly areChunksWritten: boolean;
  readonly closing: Readonly<Pick<Closing, 'isVerifying' | 'isVerified' | 'publication' | 'stoppedBy'>>;
  /** How many backup attempts were started, and how many were committed. */
  readonly backups: { readonly started: number; readonly won: number };
  /** How many tasks have files that an earlier driver committed, and that were intact. */
  readonly reused: number;
  /** How many bad records were skipped. */
  readonly skippedCount: number;
}

/** The state of a new run. Its parts change during the run. */
export function newState(
  limits: RunLimits,
  { tasks, open, committed }: Pick<RunState, 'tasks' | 'open' | 'committed'>,
  workers: RunState['workers'],
  closing: RunState['closing'],
): RunState {
  return {
    limits,
    tasks,
    open,
    committed,
    workers,
    closing,
    phase: 'chunk',
    areChunksWritten: false,
    backups: { started: 0, won: 0 },
    reused: 0,
    skippedCount: 0,
  };
}

export function newTasks(kind: TaskKind, count: number): Task[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${kind}-${index}` as const,
    kind,
    index,
    state: 'waiting',
    attempts: 0,
    failures: 0,
    losses: 0,
    hasLost: false,
    lostWith: [],
    open: [],
    bytes: undefined,
    report: undefined,
    winner: undefined,
    damages: 0,
    lacksChunk: false,
    skipped: [],
    suspects: new Set<string>(),
  }));
}

export function newWorker(id: WorkerId, name = `worker ${id}`, joined = false): WorkerSlot {
  return {
    id,
    name,
    joined,
    state: 'away',
    url: undefined,
    pid: undefined,
    host: undefined,
    attempt: undefined,
    restarts: 0,
    committed: 0,
    failuresInARow: 0,
    lastSeenMs: undefined,
  };
}
