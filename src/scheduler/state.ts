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
  /** The newest attempt's number. */
  attempts: number;
  /** How many attempts failed, of those that count. */
  failures: number;
  /** How many attempts were lost with their worker, after they had begun. */
  losses: number;
  /** Whether one was: then the attempts to come say at which record they are, where records may be left out. */
  hasLost: boolean;
  /** With whom, since a record was last left out: when the next one is, they are given their restarts back. */
  lostWith: WorkerId[];
  /** The attempts that run, or whose file is being committed: two where one is a backup. */
  readonly open: OpenAttempt[];
  /** How much there is to read, where that is known. */
  bytes: number | undefined;
  /** What the committed attempt reported; of one that is to be made again, until it is. */
  report: AttemptReport | undefined;
  /** The attempt that was committed. */
  winner: AttemptId | undefined;
  /** How often its file, or its chunk, was found damaged. */
  damages: number;
  /** Its chunk is being written again: until then no attempt can run. */
  lacksChunk: boolean;
  /** The records that are left out. */
  readonly skipped: SkippedBadRecord[];
  /** The records at which an attempt ended, once so far. */
  readonly suspects: Set<string>;
}

/**
 * `away`: no process listens, one may be starting. `stopping`: it gives up an attempt that was cancelled.
 * `leaving`: it ends its task, and takes no other. `set-aside`: its restarts are used up, or its attempts fail too often.
 * `gone`: lost or left, and not ours to start; it may come back.
 */
type WorkerState = 'away' | 'idle' | 'busy' | 'stopping' | 'leaving' | 'set-aside' | 'gone';

export interface WorkerSlot {
  readonly id: WorkerId;
  /** As people see it: `worker 3`, or the name under which it joined. */
  readonly name: string;
  /** It came by itself: the driver does not start it again. */
  readonly joined: boolean;
  state: WorkerState;
  url: string | undefined;
  pid: number | undefined;
  host: string | undefined;
  attempt: AttemptId | undefined;
  restarts: number;
  /** Tasks that were committed from here. */
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
  /** Later than it was by the time in which the driver was absent. */
  startMs: number;
  /** The driver was absent while it ran, so nobody knows how long it took. */
  spansAbsence: boolean;
  records: number;
  bytes: number;
  steps: number;
  place: Place | undefined;
  /** When it was heard last. */
  heardMs: number;
  /** When it was heard to have made progress last. */
  progressMs: number;
  /** For how long it has said that it makes none. */
  stalledMs: number;
  /** What it answered; its file waits to be committed. */
  report: AttemptReport | undefined;
  /** A map output that it has read has been made again, and is another. */
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
  /** `chunk` until the chunks are there, and a resumed run has looked at its files. */
  readonly phase: 'chunk' | 'map' | 'reduce' | 'ended';
  readonly areChunksWritten: boolean;
  readonly closing: Readonly<Pick<Closing, 'isVerifying' | 'isVerified' | 'publication' | 'stoppedBy'>>;
  /** Backup attempts that were started, and that were first. */
  readonly backups: { readonly started: number; readonly won: number };
  /** Tasks whose files an earlier driver left whole. */
  readonly reused: number;
  /** Bad records that are left out. */
  readonly skippedCount: number;
}

/** The state of a run that begins; what it consists of goes on changing. */
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
