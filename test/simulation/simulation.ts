// Simulates one run from a seed: the real loop of the driver and the real scheduler, in a world where everything goes wrong for a while
// (safety: no rule may be violated), and then nothing does (liveness: the run has to end).

import type { Outcome } from '../../src/scheduler/events.ts';
import { Agenda } from './agenda.ts';
import type { Seen } from './checkers/checker.ts';
import { Dice } from './dice.ts';
import { Drivers } from './drivers.ts';
import { Faults } from './faults.ts';
import { Inspection, type Violation } from './inspection.ts';
import { Liveness } from './liveness.ts';
import { newPlan } from './plan.ts';
import { type PlantedBug, withBug } from './planted-bugs/planted-bug.ts';
import { commandText, eventText } from './trace.ts';
import { Files } from './world/files.ts';
import { Job } from './world/job.ts';
import { JournalFile } from './world/journal-file.ts';
import { makeTrouble } from './world/troubles.ts';
import type { World } from './world/world.ts';

export interface Result {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly outcome: Outcome | undefined;
  readonly eventCount: number;
  readonly taskCount: number;
  readonly workerCount: number;
  readonly driverCount: number;
  readonly simulatedMs: number;
  readonly faults: ReadonlyMap<string, number>;
}

const START_MS = 1_000_000;
/** The time for which events still come after the end. */
const AFTERMATH_MS = 15_000;

interface SimulationOptions {
  /** Receives a line for each thing that happens. */
  readonly note?: (line: string) => void;
  readonly bug?: PlantedBug | undefined;
}

export function simulate(seed: number, { note = () => {}, bug }: SimulationOptions = {}): Result {
  const run = (): Result => new Simulation(seed, note, bug).run();
  return bug === undefined ? run() : withBug(bug, run);
}

class Simulation {
  readonly #world: World;
  readonly #inspection: Inspection;
  readonly #drivers: Drivers;
  readonly #liveness: Liveness;
  #outcome: Outcome | undefined;
  #eventCount = 0;
  #isOver = false;

  constructor(seed: number, note: (line: string) => void, bug: PlantedBug | undefined) {
    const dice = new Dice(seed);
    const plan = newPlan(seed, dice);
    this.#inspection = new Inspection(plan);
    this.#liveness = new Liveness(plan);
    const agenda = new Agenda(START_MS);
    const noteTime = (line: string): void => {
      note(`${((agenda.now - START_MS) / 1000).toFixed(3).padStart(9)}  ${line}`);
    };
    const inspection = this.#inspection;
    this.#world = {
      plan,
      dice,
      agenda,
      faults: new Faults(dice, noteTime),
      files: new Files(),
      job: new Job(plan),
      journal: new JournalFile(),
      visitors: new Set(),
      bug,
      note: noteTime,
      watch: {
        read: (...access) =>
          inspection.check(this.#drivers.scene, (checker, scene) => checker.read?.(...access, scene)),
        renamed: (...file) =>
          inspection.check(this.#drivers.scene, (checker, scene) => checker.renamed?.(...file, scene)),
      },
    };
    this.#drivers = new Drivers(this.#world, this.#inspection, {
      happened: (seen) => this.#happened(seen),
      died: () => this.#died(),
    });
  }

  run(): Result {
    const { agenda, faults, plan, note } = this.#world;
    note(JSON.stringify(plan));
    this.#drivers.begin();
    agenda.after(plan.troubleMs, () => {
      note('nothing goes wrong any more');
      faults.calm();
      this.#liveness.begin(agenda.now);
    });
    this.#everySecond();
    while (!this.#isOver && this.#inspection.violation === undefined) this.#step();
    return this.#result();
  }

  #step(): void {
    const before = this.#eventCount;
    const inspection = this.#inspection;
    inspection.guard('invariant', () => this.#world.agenda.step());
    const { scene } = this.#drivers;
    if (this.#eventCount > before) inspection.check(scene, (checker) => checker.settled?.(scene!));
    if (this.#outcome !== undefined || scene === undefined) return;
    const { now } = this.#world.agenda;
    if (this.#drivers.life?.isPaused === true) this.#liveness.rest(now);
    else inspection.guard('liveness', () => this.#liveness.check(now, scene.state));
  }

  #everySecond(): void {
    const { life } = this.#drivers;
    if (life !== undefined) makeTrouble(this.#world, life);
    this.#world.agenda.after(1000, () => this.#everySecond());
  }

  #happened(seen: Seen): void {
    const { agenda, note } = this.#world;
    note(eventText(seen.event));
    for (const command of seen.commands) note(`    ${commandText(command)}`);
    // Decisions of a driver in the moment of its death are not carried out.
    if (this.#drivers.life === undefined) return;
    this.#eventCount++;
    this.#liveness.saw(agenda.now, seen.event);
    this.#inspection.check(this.#drivers.scene, (checker, scene) => checker.saw?.(seen, scene));
    const end = seen.commands.find((command) => command.type === 'end');
    if (end !== undefined) this.#ended(end.outcome);
  }

  /** Ends the simulation, or lets another driver continue a run that is not done. */
  #ended(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#world.agenda.after(AFTERMATH_MS, () => {
      this.#isOver = outcome.state === 'done' || this.#drivers.count > this.#world.plan.retries;
      if (this.#isOver) return;
      this.#outcome = undefined;
      const { life } = this.#drivers;
      if (life === undefined) this.#drivers.goOnLater();
      else life.die();
    });
  }

  #died(): void {
    const { agenda, note } = this.#world;
    note('the driver dies');
    this.#liveness.saw(agenda.now, undefined);
    if (this.#outcome === undefined) this.#drivers.goOnLater();
  }

  #result(): Result {
    const { plan, agenda, faults } = this.#world;
    const { seed, options } = plan;
    return {
      seed,
      violation: this.#inspection.violation,
      outcome: this.#outcome,
      eventCount: this.#eventCount,
      taskCount: options.mapCount + options.reduceCount,
      workerCount: options.workerCount,
      driverCount: this.#drivers.count,
      simulatedMs: agenda.now - START_MS,
      faults: faults.counts,
    };
  }
}
