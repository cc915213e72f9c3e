// A simulated worker process: it lives, it may be frozen for a while, and it runs one attempt at a time.

import type { StartAttempt } from '../../../src/scheduler/events.ts';
import { AttemptRun, type Heard } from './attempt-run.ts';
import type { Content } from './files.ts';
import type { World } from './world.ts';

export class WorkerProcess {
  readonly pid: number;
  readonly name: string;
  /** No driver has started it: it outlives them. */
  readonly isVisitor: boolean;
  isAlive = true;
  isFrozen = false;
  /** How often it was frozen so far, and for how long until it went on. */
  freezes = { count: 0, ms: 0 };
  /** It takes no more attempts, and ends after the one that it has. */
  isLeaving = false;
  /** How many times longer than a usual one it takes. */
  readonly slowness: number;
  /** Its machine can write no file. */
  readonly isBad: boolean;
  readonly #world: World;
  #run: AttemptRun | undefined;
  #whenAwake: (() => void)[] = [];
  /** What it knows of map outputs, as long as none is made again. */
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

  /** @returns false where it is busy with another attempt */
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

  /** Gives up what it runs. */
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

  /** Neither works nor answers for so long. */
  freeze(durationMs: number): void {
    if (this.isFrozen) return;
    this.isFrozen = true;
    this.#world.agenda.after(durationMs, () => {
      this.freezes = { count: this.freezes.count + 1, ms: this.freezes.ms + durationMs };
      this.#thaw();
    });
  }

  /** At once, or when it is not frozen any more; never, where it has ended until then. */
  whenAwake(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#whenAwake.push(act);
    else act();
  }

  /** The output of a map task: from memory, where it has been read in this generation. */
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
