// A simulated worker process. It may be frozen for a while, and it runs one attempt at a time.

import type { StartAttempt } from '../../../src/scheduler/events.ts';
import { AttemptRun, type Heard } from './attempt-run.ts';
import type { Content } from './files.ts';
import type { World } from './world.ts';

export class WorkerProcess {
  readonly pid: number;
  readonly name: string;
  /** Whether no driver has started it: such a worker outlives drivers. */
  readonly isVisitor: boolean;
  isAlive = true;
  isFrozen = false;
  /** The number of times that it was frozen so far, and the total time. */
  freezes = { count: 0, ms: 0 };
  /** Whether it takes no more attempts, and ends after the current one. */
  isLeaving = false;
  /** Its slowness: the duration of an attempt as a multiple of the usual. */
  readonly slowness: number;
  /** Whether its machine cannot write files. */
  readonly isBad: boolean;
  readonly #world: World;
  #run: AttemptRun | undefined;
  #whenAwake: (() => void)[] = [];
  /** The map outputs that it remembers, valid within one generation. */
  #known = { generation: 0, outputs: new Map<number, Content>() };

  constructor(world: World, name: string, isVisitor = false) {
    this.#world = world;
    this.pid = world.dice.integer(1000, 60_000);
    this.name = name;
    this.isVisitor = isVisitor;
    this.isBad = world.faults.strikes('bad machine');
    this.slowness = world.dice.chance(0.1) ? world.dice.integer(2, 3) : 1;
  }

  get isBusy(): boolean {
    return this.#run !== undefined;
  }

  /** @returns false if it is busy with another attempt. */
  begin(order: StartAttempt, hear: Heard): boolean {
    if (this.#run !== undefined) return false;
    this.#run = new AttemptRun(this.#world, this, order, {
      ...hear,
      over: () => {
        this.#run = undefined;
      },
    });
    this.#run.begin();
    return true;
  }

  /** Gives up the current attempt. */
  giveUp(): void {
    this.#run?.giveUp();
    this.#run = undefined;
  }

  end(): void {
    this.isAlive = false;
    this.giveUp();
    this.#whenAwake = [];
    this.#world.visitors.delete(this);
  }

  /** Neither works nor answers for a while. */
  freeze(durationMs: number): void {
    if (this.isFrozen) return;
    this.isFrozen = true;
    this.#world.agenda.after(durationMs, () => {
      this.freezes = { count: this.freezes.count + 1, ms: this.freezes.ms + durationMs };
      this.#thaw();
    });
  }

  /** Runs an action at once, or when the process is no longer frozen; never if the process ends before that. */
  whenAwake(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#whenAwake.push(act);
    else act();
  }

  /** Returns the output of a map task: from memory if it has been read in this generation. */
  mapOutput(map: number, generation: number): Content | undefined {
    if (this.#known.generation !== generation) this.#known = { generation, outputs: new Map() };
    const content = this.#known.outputs.get(map) ?? this.#world.files.read(`map-${map}`);
    if (content !== undefined) this.#known.outputs.set(map, content);
    return content;
  }

  #thaw(): void {
    this.isFrozen = false;
    const acts = this.#whenAwake;
    this.#whenAwake = [];
    for (const act of acts) this.whenAwake(act);
  }
}
