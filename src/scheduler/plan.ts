// The tasks of a run and their attempts: which wait, are open or committed, and which must run again after damage to a file.

import type { AttemptReport } from '../protocol.ts';
import { Durations } from './backups.ts';
import { CounterNames } from './counter-names.ts';
import type { AttemptProgressed, CommittedFile, SkippedBadRecord } from './events.ts';
import { must } from './invariants.ts';
import { newTasks, type OpenAttempt, type RunState, type Task, type WorkerSlot } from './state.ts';
import { TaskQueue } from './task-queue.ts';
import { type AttemptId, indexOf, kindOf, type TaskId, type TaskKind } from '../task-ids.ts';

/** A worker reports once per second. Of a longer time between two reports, only this much counts as time without progress. */
const MOST_BETWEEN_LINES_MS = 1000;

export class Plan {
  readonly tasks: { readonly map: readonly Task[]; readonly reduce: readonly Task[] };
  readonly open = new Map<AttemptId, OpenAttempt>();
  readonly committed = { map: 0, reduce: 0 };
  readonly durations = { map: new Durations(), reduce: new Durations() };
  readonly counterNames = new CounterNames();
  /** How often a map output has been made again. */
  generation = 0;
  #waiting: Record<TaskKind, TaskQueue>;

  constructor(mapCount: number, reduceCount: number) {
    this.tasks = { map: newTasks('map', mapCount), reduce: newTasks('reduce', reduceCount) };
    this.#waiting = { map: new TaskQueue(this.tasks.map), reduce: new TaskQueue(this.tasks.reduce) };
  }

  /** @throws Error if there is no such task */
  task(id: TaskId): Task {
    const task = this.tasks[kindOf(id)][indexOf(id)];
    if (task === undefined) throw new RangeError(`no task ${id}`);
    return task;
  }

  hasWaiting(kind: TaskKind): boolean {
    return this.#waiting[kind].size > 0;
  }

  /** The next task of a phase; undefined if none waits, or the phase has no tasks. */
  firstWaiting(phase: RunState['phase']): Task | undefined {
    return phase === 'map' || phase === 'reduce' ? this.#waiting[phase].first : undefined;
  }

  /** Takes the next task from those that wait. */
  takeWaiting(kind: TaskKind): Task | undefined {
    return this.#waiting[kind].pop();
  }

  isDone(kind: TaskKind): boolean {
    return this.committed[kind] === this.tasks[kind].length;
  }

  /** An attempt that was started and whose result has not arrived. */
  running(id: AttemptId | undefined): OpenAttempt | undefined {
    const attempt = id === undefined ? undefined : this.open.get(id);
    return attempt?.report === undefined ? attempt : undefined;
  }

  /** Begins an attempt of a task, which must not be waiting any more. */
  begin(task: Task, slot: WorkerSlot, nowMs: number): OpenAttempt {
    must(
      task.state !== 'committed' && task.state !== 'failed',
      `${task.id} is not ${task.state} when an attempt begins`,
    );
    must(task.open.length < 2, `${task.id} has at most two attempts`);
    task.attempts++;
    task.state = 'running';
    const attempt: OpenAttempt = {
      id: `${task.id}.${task.attempts}`,
      task,
      worker: slot.id,
      backup: task.open.length > 0,
      startMs: nowMs,
      spansAbsence: false,
      records: 0,
      bytes: 0,
      steps: 0,
      place: undefined,
      heardMs: nowMs,
      progressMs: nowMs,
      stalledMs: 0,
      report: undefined,
      isOutdated: false,
    };
    task.open.push(attempt);
    this.open.set(attempt.id, attempt);
    return attempt;
  }

  /** Records the progress of an attempt. Returns the attempt; undefined if it is not open. */
  progress(
    { attempt: id, records, bytes, steps = 0, place }: AttemptProgressed,
    nowMs: number,
  ): OpenAttempt | undefined {
    const attempt = this.open.get(id);
    if (attempt === undefined) return undefined;
    if (records !== attempt.records || bytes !== attempt.bytes || steps !== attempt.steps) {
      attempt.progressMs = nowMs;
      attempt.stalledMs = 0;
    } else {
      // The time in which a worker is silent is judged elsewhere, and it may have made progress in it.
      attempt.stalledMs += Math.min(nowMs - attempt.heardMs, MOST_BETWEEN_LINES_MS);
    }
    attempt.heardMs = nowMs;
    attempt.records = records;
    attempt.bytes = bytes;
    attempt.steps = steps;
    attempt.place = place;
    return attempt;
  }

  /** Ends an attempt that was not committed. Its task waits again, unless it has another one. */
  drop(attempt: OpenAttempt): void {
    this.#close(attempt);
    if (attempt.task.open.length === 0 && attempt.task.state === 'running') this.#wait(attempt.task);
  }

  /** The chunk that a task waited for is there again. */
  chunkIsThere(task: Task): void {
    if (!task.lacksChunk) return;
    task.lacksChunk = false;
    if (task.state === 'waiting') this.#waiting.map.push(task);
  }

  /**
   * The attempt's file has become the task's. Returns the committed reduce tasks that have read another output of this map
   * task: they must read this one.
   */
  commit(attempt: OpenAttempt, report: AttemptReport, nowMs: number): readonly Task[] {
    const { task } = attempt;
    must(task.state === 'running', `${task.id} runs when ${attempt.id} is committed`);
    const before = task.report;
    this.#close(attempt);
    task.state = 'committed';
    task.report = report;
    task.winner = attempt.id;
    this.committed[task.kind]++;
    if (!attempt.spansAbsence) this.durations[task.kind].add(nowMs - attempt.startMs, report.bytesIn);
    if (task.kind === 'reduce') return [];
    this.#addPartitions(report, 1);
    if (before === undefined) return [];
    this.generation++;
    this.#addPartitions(before, -1);
    return before.checksum === report.checksum && before.bytesOut === report.bytesOut ? [] : this.#outdateReduces();
  }

  /** The file of a committed task must be made again. */
  undo(task: Task): void {
    must(task.state === 'committed', `${task.id} is committed when its file is given up`);
    this.committed[task.kind]--;
    this.#wait(task);
  }

  /** Drops all open attempts. Tasks that were not committed wait again. */
  restart(): void {
    for (const attempt of this.open.values()) this.drop(attempt);
    for (const task of [...this.tasks.map, ...this.tasks.reduce]) {
      task.losses = 0;
      task.lostWith = [];
      task.lacksChunk = false;
      if (task.state !== 'failed') continue;
      task.failures = 0;
      task.state = 'waiting';
    }
    // New queues: a task that failed may be in its queue, or not.
    const { map, reduce } = this.tasks;
    this.#waiting = { map: new TaskQueue(map.filter(isWaiting)), reduce: new TaskQueue(reduce.filter(isWaiting)) };
  }

  /** The driver was absent for this long until now: that counts against no attempt, and their durations are unknown. */
  leaveOut(absentMs: number): void {
    for (const attempt of this.open.values()) {
      attempt.startMs += absentMs;
      attempt.heardMs += absentMs;
      attempt.progressMs += absentMs;
      attempt.spansAbsence = true;
    }
  }

  /** All chunks are written. `bytes`: the input bytes of each chunk. */
  setBytes(bytes: readonly number[]): void {
    for (const [index, task] of this.tasks.map.entries()) task.bytes = bytes[index];
  }

  /** The skipped records, in the order of their tasks. */
  get skipped(): SkippedBadRecord[] {
    return this.tasks.map.flatMap(({ skipped }) => skipped);
  }

  /** Whether a task is neither committed nor about to be. */
  get needsWorkers(): boolean {
    const { map, reduce } = this.tasks;
    let settled = this.committed.map + this.committed.reduce;
    for (const { report } of this.open.values()) if (report !== undefined) settled++;
    return settled < map.length + reduce.length;
  }

  /** The files of all committed tasks, or of those of one kind. */
  files(kind?: TaskKind): CommittedFile[] {
    return (kind === undefined ? [...this.tasks.map, ...this.tasks.reduce] : this.tasks[kind])
      .filter(({ state }) => state === 'committed')
      .map(({ id, report }) => ({ task: id, bytes: report!.bytesOut, checksum: report!.checksum }));
  }

  #wait(task: Task): void {
    task.state = 'waiting';
    if (!task.lacksChunk) this.#waiting[task.kind].push(task);
  }

  #close(attempt: OpenAttempt): void {
    const { task, id } = attempt;
    this.open.delete(id);
    task.open.splice(task.open.indexOf(attempt), 1);
  }

  /** Whether a reduce task has read another output: if a job is not deterministic, a map output differs when it is made again. */
  #outdateReduces(): Task[] {
    for (const attempt of this.open.values()) if (attempt.task.kind === 'reduce') attempt.isOutdated = true;
    return this.tasks.reduce.filter(({ state }) => state === 'committed');
  }

  /** Sets how much reduce tasks have to read, from what map tasks have written for them. */
  #addPartitions({ partitionBytes }: AttemptReport, sign: 1 | -1): void {
    for (const [partition, bytes] of partitionBytes.entries()) {
      const reduce = this.tasks.reduce[partition];
      if (reduce !== undefined) reduce.bytes = (reduce.bytes ?? 0) + sign * bytes;
    }
  }
}

function isWaiting({ state }: Task): boolean {
  return state === 'waiting';
}
