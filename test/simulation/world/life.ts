// Simulates one driver from its start to its death, and its effects on the world. It can die before any of its actions.

import type { Dispatch, Effects } from '../../../src/driver/loop/effects.ts';
import type { JournalText } from '../../../src/driver/loop/journal-file.ts';
import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { CommittedFile, Event, SkippedBadRecord, StartAttempt, WorkerId } from '../../../src/scheduler/events.ts';
import type { JournalLine } from '../../../src/scheduler/journal.ts';
import type { Content } from './files.ts';
import { Staff } from './staff.ts';
import { latencyMs, type World } from './world.ts';

export class Life implements Effects {
  readonly staff: Staff;
  /** The driver's clock minus the world's. */
  clockOffsetMs: number;
  isAlive = true;
  isPaused = false;
  /** The number of its pauses so far, and their total time. */
  pauses = { count: 0, ms: 0 };
  /** The messages that arrive while it is stopped. */
  #waiting: (() => void)[] = [];
  readonly #world: World;
  readonly #dispatch: Dispatch;
  readonly #onDeath: () => void;
  readonly #journalText: JournalText;

  constructor(
    world: World,
    dispatch: Dispatch,
    { clockOffsetMs, journalText }: { readonly clockOffsetMs: number; readonly journalText: JournalText },
    onDeath: () => void,
  ) {
    this.#world = world;
    this.#dispatch = dispatch;
    this.#onDeath = onDeath;
    this.clockOffsetMs = clockOffsetMs;
    this.#journalText = journalText;
    this.staff = new Staff(world, this);
  }

  tell(event: Event): void {
    this.whenAwake(() => {
      if (this.isAlive) this.#dispatch(event);
    });
  }

  /** Of the ticks during a pause only the last one runs, and before everything else: timers run first. */
  tick(): void {
    if (!this.isPaused) this.tell({ type: 'ticked' });
  }

  /** Stops the driver for a while: it does nothing and receives nothing. */
  pause(durationMs: number): void {
    this.isPaused = true;
    this.#world.agenda.after(durationMs, () => {
      this.isPaused = false;
      this.pauses = { count: this.pauses.count + 1, ms: this.pauses.ms + durationMs };
      const acts = this.#waiting;
      this.#waiting = [];
      this.tick();
      for (const act of acts) this.after(0, act);
    });
  }

  /** Runs an action at once, or when the driver continues. */
  whenAwake(act: () => void): void {
    if (this.isPaused) this.#waiting.push(act);
    else act();
  }

  /** Runs an action of the driver after a time, or when it continues. */
  after(delayMs: number, act: () => void): void {
    this.#world.agenda.after(delayMs, () => this.whenAwake(act));
  }

  /** Reads the inputs, and writes the chunks that are missing. */
  writeChunks(): void {
    const { dice, files, plan } = this.#world;
    this.after(dice.integer(1, 3000), () => {
      if (!this.isAlive) return;
      files.chunks.splice(0, files.chunks.length, ...plan.chunkBytes.map(() => 'whole' as const));
      this.tell({ type: 'chunks-written', bytes: plan.chunkBytes });
    });
  }

  now(): number {
    return this.#world.agenda.now + this.clockOffsetMs;
  }

  append(lines: readonly JournalLine[]): void {
    if (!this.isAlive) return;
    const { dice, faults, journal, bug } = this.#world;
    const texts = (bug?.written?.(lines) ?? lines).map((line) => this.#journalText.format(line));
    if (!faults.strikes('driver death')) return journal.append(texts);
    journal.append(texts.slice(0, dice.integer(0, texts.length)));
    this.die();
  }

  respawnWorker(worker: WorkerId, delayMs: number): void {
    if (this.#lives()) this.staff.start(worker, delayMs);
  }

  startAttempt(order: StartAttempt): void {
    if (this.#lives()) this.staff.begin(order);
  }

  cancelAttempt(attempt: AttemptId, worker: WorkerId): void {
    if (this.#lives()) this.staff.cancel(attempt, worker);
  }

  commit(attempt: AttemptId, { task }: CommittedFile): void {
    if (!this.#lives()) return;
    const { dice, faults } = this.#world;
    const delayMs = faults.strikes('slow commit') ? dice.integer(100, 30_000) : latencyMs(this.#world);
    this.after(delayMs, () => this.#rename(attempt, task));
  }

  discard(task: TaskId): void {
    if (this.#lives()) this.#world.files.remove(task);
  }

  rewriteChunk(chunk: number): void {
    if (!this.#lives()) return;
    const { dice, files } = this.#world;
    const write = (): void => {
      if (!this.isAlive) return;
      files.chunks[chunk] = 'whole';
      this.tell({ type: 'chunk-rewritten', chunk });
    };
    // Small files are checked at once.
    if (dice.chance(0.5)) write();
    else this.after(dice.integer(10, 500), write);
  }

  verify(files: readonly CommittedFile[]): void {
    if (this.#lives()) this.#verifyFrom(files, 0);
  }

  publish(_skipped: readonly SkippedBadRecord[]): void {
    if (!this.#lives()) return;
    const { dice, faults, files } = this.#world;
    const delayMs = faults.strikes('slow publication') ? dice.integer(100, 30_000) : latencyMs(this.#world);
    this.after(delayMs, () => {
      if (!this.#lives() || this.#hasLost()) return;
      files.publish();
      this.after(latencyMs(this.#world), () => {
        if (this.#lives()) this.tell({ type: 'published' });
      });
    });
  }

  /** Checks the outputs a last time in the moment in which they are published. */
  #hasLost(): boolean {
    const { files } = this.#world;
    const lost = files.tasks().filter((task) => task.startsWith('reduce') && files.condition(task) !== 'whole');
    for (const task of lost) this.tell({ type: 'output-lost', task, message: `the file of ${task} is damaged` });
    return lost.length > 0;
  }

  /** Ends the process and the workers that it has started. */
  die(): void {
    const { dice, faults, journal } = this.#world;
    this.isAlive = false;
    this.staff.dismiss();
    if (faults.strikes('torn journal')) journal.tear(dice.fraction());
    if (faults.strikes('machine crash')) this.#loseMachine();
    this.#onDeath();
  }

  /**
   * Ends all processes, and loses what was not synced: the end of the journal, and any of the map outputs. The outputs of
   * reduce tasks are synced before they count as committed.
   */
  #loseMachine(): void {
    const { dice, files, journal, visitors } = this.#world;
    for (const visitor of visitors) visitor.end();
    journal.lose(dice.scaled(1, 300));
    const lostShare = dice.fraction();
    for (const task of files.tasks()) {
      if (task.startsWith('reduce') || !dice.chance(lostShare)) continue;
      files.harm(task, dice.chance(0.5) ? 'damaged' : 'missing');
    }
  }

  /** Whether the driver lives to carry out its next action. */
  #lives(): boolean {
    if (this.isAlive && this.#world.faults.strikes('driver death')) this.die();
    return this.isAlive;
  }

  #rename(attempt: AttemptId, task: TaskId): void {
    if (!this.isAlive) return;
    const { faults, files, watch } = this.#world;
    const content = files.commit(attempt, task);
    if (content !== undefined) watch.renamed(content, task);
    if (faults.strikes('bad disk')) files.harm(task, 'damaged');
    this.after(latencyMs(this.#world), () => {
      if (this.isAlive) this.tell(this.#committed(content, attempt, task));
    });
  }

  /** An output is read when it is committed; a map output is read by its reduce tasks. */
  #committed(content: Content | undefined, attempt: AttemptId, task: TaskId): Event {
    const { files } = this.#world;
    const isRead = task.startsWith('map') || files.condition(task) === 'whole';
    if (content !== undefined && isRead) return { type: 'task-committed', attempt };
    if (content !== undefined) files.remove(task);
    return { type: 'commit-failed', attempt, message: 'its file is not what it reported' };
  }

  #verifyFrom(committed: readonly CommittedFile[], at: number): void {
    const { dice, files } = this.#world;
    const file = committed[at];
    if (file === undefined) return this.tell({ type: 'outputs-verified' });
    const found = files.read(file.task)?.report;
    if (found?.checksum !== file.checksum || found.bytesOut !== file.bytes) {
      this.tell({ type: 'output-lost', task: file.task, message: `the file of ${file.task} is damaged` });
    }
    this.after(dice.integer(0, 5), () => this.#verifyFrom(committed, at + 1));
  }
}
