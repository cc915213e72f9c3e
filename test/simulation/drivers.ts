// Runs the drivers of a simulated run one after another: the first begins the run, each later one continues it from the journal.

import { drive, type Driven } from '../../src/driver/loop/drive.ts';
import { JournalText, parseJournal } from '../../src/driver/loop/journal-file.ts';
import { TICK_MS } from '../../src/driver/loop/lived-clock.ts';
import type { Command, Event, RunLimits, SchedulerOptions } from '../../src/scheduler/events.ts';
import { JOURNAL, type JournalLine, replay } from '../../src/scheduler/journal.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Scene, Seen } from './checkers/checker.ts';
import type { Inspection } from './inspection.ts';
import { newLimits } from './plan.ts';
import { Life } from './world/life.ts';
import type { World } from './world/world.ts';

const LONGEST_ABSENCE_MS = 30_000;

interface Listener {
  /** A driver has received an event. */
  readonly happened: (seen: Seen) => void;
  readonly died: () => void;
}

export class Drivers {
  count = 0;
  readonly #world: World;
  readonly #inspection: Inspection;
  readonly #listener: Listener;
  #life: Life | undefined;
  #journalText = new JournalText();
  #driven: Driven | undefined;

  constructor(world: World, inspection: Inspection, listener: Listener) {
    this.#world = world;
    this.#inspection = inspection;
    this.#listener = listener;
  }

  /** The living driver. */
  get life(): Life | undefined {
    return this.#life?.isAlive === true ? this.#life : undefined;
  }

  /** The current state; undefined while there is no driver. */
  get scene(): Scene | undefined {
    const { plan, files, journal, agenda } = this.#world;
    if (this.life === undefined || this.#driven === undefined) return undefined;
    const { staff, pauses } = this.life;
    return {
      plan,
      files,
      state: this.#driven.state,
      staff,
      nowMs: agenda.now,
      pauses,
      journalText: () => journal.text,
    };
  }

  begin(): void {
    const { journal, plan, agenda } = this.#world;
    const run = { runId: 'simulated', job: { name: 'job', path: 'job.ts', digest: '', params: {} }, inputs: [] };
    const first: JournalLine = { at: agenda.now, type: 'run-started', journal: JOURNAL, run, options: plan.options };
    journal.append([this.#journalText.format(first)]);
    this.#startWork(this.#live(new Scheduler(plan.options), 0), plan.options.workerCount);
  }

  /** Starts another driver after a while. */
  goOnLater(): void {
    const { agenda, dice } = this.#world;
    agenda.after(dice.integer(1, LONGEST_ABSENCE_MS), () => this.#goOn());
  }

  #goOn(): void {
    const { dice, faults, files, plan, note } = this.#world;
    for (const task of files.tasks()) {
      if (faults.strikes('lost file')) files.harm(task, dice.chance(0.5) ? 'damaged' : 'missing');
    }
    const { scheduler, history } = this.#replay();
    const { map, reduce } = scheduler.state.tasks;
    for (const { id, state, winner } of [...map, ...reduce]) {
      const file = files.committed(id);
      if (state !== 'committed') files.remove(id);
      // The file was made again by an attempt that the journal has lost. If its bytes are the same, the difference cannot be seen.
      else if (file?.attempt !== winner) files.harm(id, 'missing');
    }
    const limits = faults.strikes('other limits') ? newLimits(dice, plan.options.mapCount) : limitsOf(plan.options);
    note(`a driver continues after ${history.length} events: ${JSON.stringify(limits)}`);
    const life = this.#live(scheduler, dice.integer(-10_000, 10_000));
    this.#inspection.check(this.scene, (checker, scene) => checker.resumed?.(scene, history));
    life.tell({ type: 'driver-resumed', limits });
    this.#startWork(life, limits.workerCount);
  }

  #replay(): { scheduler: Scheduler; history: Seen[] } {
    const { bug, journal } = this.#world;
    const { text } = journal;
    const { lines, bytes, checksum } = parseJournal([Buffer.from(text)], 'journal');
    this.#journalText = new JournalText(checksum);
    journal.mend(text.slice(0, bytes));
    const history: Seen[] = [];
    const remember = (at: number, event: Event, commands: readonly Command[]): void => {
      history.push({ at, event, commands });
    };
    return { scheduler: replay(bug?.believed?.(lines) ?? lines, remember), history };
  }

  #live(scheduler: Scheduler, clockOffsetMs: number): Life {
    this.count++;
    const driven = drive(
      this.#inspection.guarded(scheduler),
      (dispatch) => {
        this.#life = new Life(this.#world, dispatch, { clockOffsetMs, journalText: this.#journalText }, () =>
          this.#listener.died(),
        );
        return this.#inspection.guarded(this.#life);
      },
      (at, event, commands) => this.#listener.happened({ at, event, commands }),
    );
    // Errors have been caught where they were thrown.
    driven.outcome.catch(() => {});
    this.#driven = driven;
    return this.#life!;
  }

  #startWork(life: Life, workerCount: number): void {
    const { agenda, dice, visitors } = this.#world;
    for (let worker = 1; worker <= workerCount; worker++) life.staff.start(worker, 0);
    life.writeChunks();
    for (const visitor of visitors) {
      agenda.after(dice.integer(0, 5000), () => visitor.whenAwake(() => life.staff.join(visitor)));
    }
    this.#tick(life);
  }

  #tick(life: Life): void {
    if (!life.isAlive) return;
    life.tick();
    this.#world.agenda.after(TICK_MS, () => this.#tick(life));
  }
}

function limitsOf({ mapCount: _maps, reduceCount: _reduces, ...limits }: SchedulerOptions): RunLimits {
  return limits;
}
