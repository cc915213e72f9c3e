// Folds the events of a run into its record, from which the terminal, the page, the API, the metrics, the report and the trace
// are made. The lines of a journal lead to the same record as the events of a running driver.

import type { Command, Event, LossCause, Outcome, WorkerId } from '../scheduler/events.ts';
import { type JournalLine, replay, type RunStarted } from '../scheduler/journal.ts';
import type { RunState, Task } from '../scheduler/state.ts';
import { cancelError, failureError, lossError } from './attempt-error.ts';
import { AttemptRows } from './rows/attempt-rows.ts';
import { causeText } from './cause.ts';
import { Heat } from './rows/heat.ts';
import { HottestKeys } from './rows/hottest-keys.ts';
import { Narrator } from './narrator.ts';
import {
  type FeedLine,
  MOST_FEED_LINES,
  type RunChange,
  type RunProgress,
  type RunRecord,
  type Timeline,
  type Tone,
} from './record.ts';
import { WorkerRows } from './rows/worker-rows.ts';
import { indexOf, kindOf, type TaskId } from '../task-ids.ts';

type Started = RunStarted & { readonly at: number };
type CancelAttempt = Extract<Command, { type: 'cancel-attempt' }>;
type TaskCommitted = Extract<Event, { type: 'task-committed' }>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class RunView {
  readonly #run: RunRecord['run'];
  readonly #allowed: RunRecord['allowed'];
  readonly #attempts = new AttemptRows();
  readonly #workers = new WorkerRows();
  readonly #heat: Heat;
  readonly #hotKeys = new HottestKeys();
  readonly #narrator = new Narrator((text) => this.#lines.push(text));
  readonly #lines: string[] = [];
  readonly #feed: FeedLine[] = [];
  readonly #progress: Writable<Omit<RunProgress, 'hotKeys'>> = {
    nowMs: 0,
    chunkBytes: [],
    failedTasks: [],
    skipped: [],
    lostWorkers: [],
    rewrittenChunks: [],
    checking: [],
  };
  /** How many lines of the feed are newer than the last `takeChange`. */
  #newLines = 0;
  #hasChanged = false;
  #hasBegun = false;

  constructor({ run, results, options, watch, at }: Started) {
    const { maxAttempts, maxRespawns, taskTimeoutMs, mapCount, reduceCount } = options;
    const inputs = run.inputs.map(({ file, sizeBytes }) => ({ file, sizeBytes }));
    const { name: job, params } = run.job;
    this.#run = { id: run.runId, job, params, inputs, results, mapCount, reduceCount, startedAt: at };
    this.#allowed = { maxAttempts, maxRespawns, taskTimeoutMs, ...watch };
    this.#heat = new Heat(mapCount, reduceCount);
  }

  /** Folds the lines of a journal. @throws Error if they do not begin with `run-started` */
  static of(lines: readonly JournalLine[]): RunView {
    const view = new RunView(lines[0] as Started);
    if (lines.length > 1) replay(lines, (...what) => view.observe(...what));
    return view;
  }

  /** When the run began, in milliseconds since 1970. */
  get startedAt(): number {
    return this.#run.startedAt;
  }

  /** All that is known of the run. Its lists go on changing as events come in. */
  get record(): RunRecord {
    return {
      run: this.#run,
      allowed: this.#allowed,
      ...this.#progress,
      hotKeys: this.#hotKeys.top,
      attempts: this.#attempts.rows,
      workers: this.#workers.rows,
      feed: this.#feed,
      heat: this.#heat.grid,
    };
  }

  /** Whether anything has happened since `takeChange`. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** Returns what has changed since the last call. Applied in order, changes turn an earlier record into a later one. */
  takeChange(): RunChange {
    const change: RunChange = {
      progress: { ...this.#progress, hotKeys: this.#hotKeys.top },
      attempts: this.#attempts.takeChanges(),
      workers: this.#workers.takeChanges(),
      feed: this.#newLines === 0 ? [] : this.#feed.slice(-this.#newLines),
      heat: this.#heat.takeChanges(),
    };
    this.#newLines = 0;
    this.#hasChanged = false;
    return change;
  }

  /** Folds an event that was handled at `at` (milliseconds since 1970), the commands that followed, and the state after it. */
  observe(at: number, event: Event, commands: readonly Command[], state: RunState): void {
    const beforeMs = this.#progress.nowMs;
    const nowMs = at - this.startedAt;
    this.#progress.nowMs = nowMs;
    if (!this.#hasBegun) this.#workers.begin(state);
    this.#hasBegun = true;
    this.#hasChanged = true;
    if (event.type === 'driver-resumed') this.#resumed(nowMs, beforeMs, state);
    else this.#takeEvent(event, nowMs, state);
    for (const command of commands) this.#takeCommand(command, nowMs, state);
    this.#noteProgress(event, commands, nowMs, state);
    this.#narrator.observe(at, event, commands, state);
    const tone = toneOf(event);
    for (const text of this.#lines.splice(0)) this.#addFeedLine(text, tone, nowMs);
    for (const command of commands) if (command.type === 'end') this.#end(command.outcome, nowMs);
  }

  #takeEvent(event: Event, nowMs: number, state: RunState): void {
    switch (event.type) {
      case 'chunks-written':
        this.#progress.chunkBytes = event.bytes;
        this.#progress.chunkedMs = nowMs;
        return;
      case 'worker-joined':
      case 'worker-ready':
      case 'worker-leaving':
        return this.#workers.changed(event.worker, state, nowMs);
      case 'worker-lost':
        return this.#workerLost(event.worker, event.cause, nowMs, state);
      case 'attempt-progressed':
        return this.#seen(this.#attempts.progress(event, nowMs)?.worker, nowMs, event.heapBytes);
      case 'attempt-succeeded':
        return this.#seen(
          this.#attempts.succeed(event.attempt, event.report, nowMs)?.worker,
          nowMs,
          event.report.heapBytes,
        );
      case 'attempt-failed': {
        const row = this.#attempts.end(event.attempt, 'failed', nowMs, failureError(event.failure));
        if (row === undefined) return;
        this.#workers.changed(row.worker, state, nowMs);
        return this.#noteFailed(row.task, nowMs, state);
      }
      case 'attempt-cancelled':
        return this.#seen(event.worker, nowMs);
      case 'task-committed':
        return this.#committed(event, nowMs, state);
      case 'commit-failed': {
        const row = this.#attempts.notCommitted(event.attempt, { message: event.message });
        return row === undefined ? undefined : this.#noteFailed(row.task, nowMs, state);
      }
      case 'driver-resumed':
      case 'chunk-rewritten':
      case 'output-lost':
      case 'ranges-cut':
      case 'outputs-verified':
      case 'published':
      case 'ticked':
      case 'driver-absent':
      case 'interrupted':
    }
  }

  #takeCommand(command: Command, nowMs: number, state: RunState): void {
    switch (command.type) {
      case 'start-attempt':
        return this.#attempts.start(command, taskOf(command.task, state).bytes, nowMs);
      case 'cancel-attempt':
        return this.#cancelled(command, nowMs, state);
      case 'respawn-worker':
        return this.#workers.changed(command.worker, state, nowMs);
      case 'discard': {
        this.#attempts.discard(command.task, nowMs);
        const { kind, index } = taskOf(command.task, state);
        if (kind === 'map') this.#heat.discard(index);
        return;
      }
      case 'commit':
      case 'rewrite-chunk':
      case 'verify':
      case 'publish':
      case 'end':
    }
  }

  #seen(worker: WorkerId | undefined, nowMs: number, heapBytes?: number): void {
    if (worker !== undefined) this.#workers.seen(worker, nowMs, heapBytes);
  }

  /** An attempt that is cancelled for lack of progress has failed. */
  #cancelled({ attempt, reason, place }: CancelAttempt, nowMs: number, state: RunState): void {
    const how = reason === 'timeout' ? 'failed' : 'cancelled';
    const row = this.#attempts.end(attempt, how, nowMs, cancelError(reason, place));
    if (row !== undefined) this.#noteFailed(row.task, nowMs, state);
  }

  #workerLost(worker: WorkerId, loss: LossCause, nowMs: number, state: RunState): void {
    this.#workers.changed(worker, state, nowMs);
    const row = this.#attempts.openOn(worker);
    if (row === undefined) return;
    this.#attempts.end(row.id, 'lost', nowMs, lossError(loss));
    this.#noteFailed(row.task, nowMs, state);
  }

  #committed({ attempt, hotKeys }: TaskCommitted, nowMs: number, state: RunState): void {
    const row = this.#attempts.commit(attempt, nowMs);
    if (row === undefined) return;
    const { kind, index, report } = taskOf(row.task, state);
    if (kind !== 'map' || report === undefined) return;
    this.#heat.commit(index, report.partitionBytes);
    this.#hotKeys.commit(index, hotKeys);
  }

  /** The attempts and workers of the earlier driver ended with it. */
  #resumed(nowMs: number, beforeMs: number, state: RunState): void {
    for (const { id } of this.#attempts.open) {
      this.#attempts.end(id, 'lost', beforeMs, { message: 'its driver died' });
    }
    this.#workers.beginAgain(state, nowMs, beforeMs);
    this.#progress.failedTasks = [];
    delete this.#progress.endedMs;
    delete this.#progress.outcome;
  }

  #end(outcome: Outcome, nowMs: number): void {
    for (const { id } of this.#attempts.open) {
      this.#attempts.end(id, 'cancelled', nowMs, { message: 'the run has ended' });
    }
    const text = outcomeText(outcome);
    this.#progress.endedMs = nowMs;
    this.#progress.outcome = { state: outcome.state, text };
    this.#addFeedLine(text, outcome.state === 'done' ? 'good' : 'bad', nowMs);
  }

  #noteFailed(id: TaskId, nowMs: number, state: RunState): void {
    if (taskOf(id, state).state !== 'failed') return;
    this.#progress.failedTasks = [...this.#progress.failedTasks, [id, nowMs]];
  }

  #noteProgress(
    { type }: Event,
    commands: readonly Command[],
    nowMs: number,
    { skippedCount, closing, tasks }: RunState,
  ): void {
    const progress = this.#progress;
    progress.skipped = extended(progress.skipped, skippedCount, 0, nowMs);
    progress.checking = extended(progress.checking, closing.isVerifying, false, nowMs);
    if (type === 'worker-lost') {
      const before = progress.lostWorkers.at(-1)?.[1] ?? 0;
      progress.lostWorkers = extended(progress.lostWorkers, before + 1, 0, nowMs);
    }
    if (
      type === 'chunk-rewritten' ||
      type === 'driver-resumed' ||
      commands.some((command) => command.type === 'rewrite-chunk')
    ) {
      const lacking = tasks.map.filter(({ lacksChunk }) => lacksChunk).length;
      progress.rewrittenChunks = extended(progress.rewrittenChunks, lacking, 0, nowMs);
    }
  }

  #addFeedLine(text: string, tone: Tone, atMs: number): void {
    this.#feed.push({ atMs, text, tone });
    if (this.#feed.length > MOST_FEED_LINES) this.#feed.shift();
    this.#newLines = Math.min(this.#newLines + 1, MOST_FEED_LINES);
  }
}

/** The timeline with a value that holds from now on. Before the first entry, the value was `first`. */
function extended<T>(timeline: Timeline<T>, value: T, first: T, nowMs: number): Timeline<T> {
  return value === (timeline.length === 0 ? first : timeline.at(-1)![1]) ? timeline : [...timeline, [nowMs, value]];
}

const BAD: ReadonlySet<Event['type']> = new Set([
  'worker-lost',
  'attempt-failed',
  'commit-failed',
  'output-lost',
  'interrupted',
]);

function toneOf({ type }: Event): Tone {
  if (BAD.has(type)) return 'bad';
  return type === 'task-committed' ? 'good' : 'plain';
}

function outcomeText(outcome: Outcome): string {
  if (outcome.state === 'interrupted') return `interrupted by ${outcome.signal}`;
  return outcome.state === 'failed' ? causeText(outcome.cause) : 'done';
}

function taskOf(id: TaskId, { tasks }: RunState): Task {
  return tasks[kindOf(id)][indexOf(id)]!;
}
