// Simulates a worker's run of an attempt: a few steps, each of which reads, meets bad records and reports progress. The fault of an
// attempt, and its step, are drawn when the attempt begins.

import type { AttemptFailure, Place } from '../../../src/protocol.ts';
import type { Event, StartAttempt } from '../../../src/scheduler/events.ts';
import type { Fault } from '../faults.ts';
import type { BadRecord } from '../plan.ts';
import type { Content } from './files.ts';
import { indexOf, placeOf } from './job.ts';
import type { WorkerProcess } from './worker-process.ts';
import { latencyMs, type World } from './world.ts';

/** The receiver of an attempt's messages. */
export interface Heard {
  readonly answer: (event: Event) => void;
  /** The connection breaks. `place` is the last place that a careful attempt noted. */
  readonly broken: (message: string, place?: Place) => void;
}

const FATES = [
  'crash',
  'hang',
  'freeze',
  'stall',
  'job error',
  'out of memory',
  'disk full',
  'damaged spill',
  'input changed',
] as const satisfies Fault[];

const FOR_EVER_MS = 1e9;
/** The interval at which an attempt reports its progress, even without an advance. */
const HEARTBEAT_MS = 1000;

type Fate = (typeof FATES)[number];

const FAILURES: Partial<Record<Fate, AttemptFailure>> = {
  'job error': { kind: 'job', message: 'a function of the job threw' },
  'out of memory': { kind: 'memory', message: 'the heap is full' },
  'disk full': { kind: 'system', message: 'no space left on device' },
  'damaged spill': { kind: 'corrupt', message: 'a spill is damaged' },
  'input changed': { kind: 'input', message: 'the input has changed' },
};

export class AttemptRun {
  readonly #world: World;
  readonly #process: WorkerProcess;
  readonly #order: StartAttempt;
  readonly #heard: Heard & { readonly over: () => void };
  readonly #stepCount: number;
  readonly #stepMs: number;
  #fate: Fate | undefined;
  readonly #fateStep: number;
  readonly #reads: Content[] = [];
  #step = 0;
  #isOver = false;

  constructor(world: World, process: WorkerProcess, order: StartAttempt, heard: Heard & { readonly over: () => void }) {
    const { dice, faults, plan } = world;
    this.#world = world;
    this.#process = process;
    this.#order = order;
    this.#heard = heard;
    this.#stepCount = dice.integer(1, 3);
    const slow = faults.strikes('slow') ? dice.integer(3, 15) : 1;
    this.#stepMs = Math.ceil((plan.taskMs * process.slowness * slow * (0.5 + dice.fraction())) / this.#stepCount);
    this.#fate = process.isBad ? 'disk full' : FATES.find((fate) => faults.strikes(fate));
    this.#fateStep = dice.integer(1, this.#stepCount);
  }

  begin(): void {
    this.#world.agenda.after(this.#stepMs, () => this.#process.whenAwake(() => this.#takeStep()));
  }

  giveUp(): void {
    this.#isOver = true;
  }

  #takeStep(): void {
    if (this.#isOver) return;
    this.#step++;
    const bad = this.#world.job.badRecord(this.#order, this.#part(this.#step - 1), this.#part(this.#step));
    if (bad !== undefined) return this.#endAt(bad);
    if (this.#step === this.#fateStep && this.#fate !== undefined && this.#meets(this.#fate)) return;
    if (!this.#hasRead()) return;
    if (this.#step === this.#stepCount) return this.#finish();
    this.#sayProgress(this.#part(this.#step));
    this.begin();
  }

  #part(step: number): number {
    return step / this.#stepCount;
  }

  /** Whether a fault has now ended or halted the attempt. */
  #meets(fate: Fate): boolean {
    const { dice } = this.#world;
    const failure = FAILURES[fate];
    if (failure !== undefined) {
      this.#fail(dice.chance(0.5) ? failure : { ...failure, place: this.#place() });
      return true;
    }
    if (fate === 'crash') {
      this.#crash('its process ended with SIGKILL', this.#place());
      return true;
    }
    if (fate === 'stall') {
      this.#hang(this.#place());
      return true;
    }
    // It continues from the same place, if ever.
    this.#process.freeze(fate === 'hang' ? FOR_EVER_MS : dice.integer(2000, 60_000));
    this.#fate = undefined;
    this.#step--;
    this.begin();
    return true;
  }

  #endAt({ does, ...record }: BadRecord): void {
    const place = placeOf(record);
    if (does === 'crash') return this.#crash('its process ended with SIGSEGV', place);
    if (does === 'throw') return this.#fail({ kind: 'job', message: 'the record is bad', place });
    if (does === 'use up memory') return this.#fail({ kind: 'memory', message: 'the record is large', place });
    this.#hang(place);
  }

  /** Makes no more progress, and reports this again and again until the attempt is given up. */
  #hang(place: Place): void {
    if (this.#isOver) return;
    this.#sayProgress(this.#part(this.#step - 1), place);
    this.#world.agenda.after(HEARTBEAT_MS, () => this.#process.whenAwake(() => this.#hang(place)));
  }

  #place(): Place {
    return this.#world.job.placeAt(this.#order.task, this.#part(this.#step - 1));
  }

  /** Reads its part of a chunk or of the map outputs. A missing or damaged file ends it. */
  #hasRead(): boolean {
    const { files, plan, faults } = this.#world;
    const { task, attempt, generation } = this.#order;
    if (task.startsWith('map')) {
      const chunk = indexOf(task);
      if (files.chunks[chunk] === 'whole') return true;
      return this.#isCorrupt('chunk', chunk);
    }
    const end = Math.floor(this.#part(this.#step) * plan.options.mapCount);
    for (let map = this.#reads.length; map < end; map++) {
      const content = faults.strikes('false alarm') ? undefined : this.#process.mapOutput(map, generation);
      if (content === undefined) return this.#isCorrupt('map-output', map);
      this.#world.watch.read(attempt, content);
      this.#reads.push(content);
    }
    return true;
  }

  #isCorrupt(file: 'chunk' | 'map-output', task: number): false {
    this.#fail({ kind: 'corrupt', message: `${file} ${task} is damaged`, damaged: { file, task } });
    return false;
  }

  #finish(): void {
    const { job, files, faults } = this.#world;
    const { task, attempt } = this.#order;
    const badKey = job.badKey(task);
    if (badKey !== undefined) return this.#fail(badKey);
    const content = job.content(this.#order, this.#reads);
    const condition = faults.strikes('damaged attempt') ? 'damaged' : 'whole';
    const isCut = faults.strikes('cut attempt');
    if (!faults.strikes('answer without file')) files.attempts.set(attempt, { content, condition, isCut });
    this.#end();
    if (faults.strikes('lost answer')) this.#heard.broken('the connection broke');
    else this.#heard.answer({ type: 'attempt-succeeded', attempt, report: content.report });
  }

  #sayProgress(part: number, place = this.#place()): void {
    const { attempt } = this.#order;
    const bytes = Math.floor(part * 1000);
    const records = Math.floor(part * 100);
    this.#heard.answer({ type: 'attempt-progressed', attempt, records, bytes, place });
  }

  #fail(failure: AttemptFailure): void {
    this.#end();
    this.#heard.answer({ type: 'attempt-failed', attempt: this.#order.attempt, failure });
  }

  #crash(message: string, place: Place): void {
    this.#end();
    this.#process.end();
    const known = this.#order.careful ? place : undefined;
    this.#world.agenda.after(latencyMs(this.#world), () => this.#heard.broken(message, known));
  }

  #end(): void {
    this.#isOver = true;
    this.#heard.over();
  }
}
