// Runs one round: repeats the command of a run, while faults happen, until the run has succeeded. The output must be the expected one.
// No driver may hang, fail for a reason other than the faults, leave anything behind, or touch results that were there before.

import { setTimeout as delay } from 'node:timers/promises';

import type { Finished, RunningCommand } from '../fixtures/running-command.ts';
import { textOf } from '../refusals/refusals.ts';
import { Draws } from './draws.ts';
import { Excuses, hasBegun, mustStartOver } from './ending.ts';
import { expectedLines } from './expected.ts';
import { leftovers } from './leftovers.ts';
import type { Handicap, Plan, Step } from './plan.ts';
import type { Struck } from './scene.ts';
import { Surroundings } from './surroundings.ts';

/** No run here takes a tenth of this time. */
const LIMIT_MS = 120_000;
const MOST_DRIVERS = 40;
/** How long a fault waits for its target, and the interval at which it looks for it. */
const [TARGET_MS, LOOK_MS] = [1500, 20];

export interface RoundResult {
  readonly faults: readonly Struck[];
  /** The ends of the drivers: exit codes and signals. */
  readonly ends: readonly (number | string)[];
  /** The problem; undefined if there is no problem. */
  readonly failure: string | undefined;
}

/** Runs a round. `refuser` is the library that refuses calls. `begun` receives the setting of the round. */
export async function runRound(
  plan: Plan,
  refuser: string | undefined,
  begun: (around: Surroundings) => void,
): Promise<RoundResult> {
  const around = await Surroundings.of(plan.setting, refuser);
  begun(around);
  const round = new Round(plan, around);
  const failures: unknown[] = [];
  await round.run().catch((error: unknown) => failures.push(error));
  await around.end().catch((error: unknown) => failures.push(error));
  const failure = failures.length === 0 ? undefined : failures.map(String).join('\n');
  return { faults: round.faults, ends: round.ends, failure };
}

class Round {
  readonly faults: Struck[] = [];
  readonly ends: (number | string)[] = [];
  readonly #plan: Plan;
  readonly #around: Surroundings;
  readonly #excuses: Excuses;
  readonly #during: Step[];
  readonly #between: (readonly Step[])[];
  readonly #handicaps: (Handicap | undefined)[];

  constructor(plan: Plan, around: Surroundings) {
    this.#plan = plan;
    this.#around = around;
    this.#excuses = new Excuses(around.obstacles);
    this.#during = [...plan.during];
    this.#between = [...plan.between];
    this.#handicaps = [...plan.handicaps];
  }

  async run(): Promise<void> {
    const { standing, hasJoining } = this.#plan.setting;
    if (standing > 0) await this.#startWorkers(standing);
    if (hasJoining) this.#startJoining();
    await this.#runUntilDone();
    this.#around.disk?.empty();
    const left = leftovers(this.#around);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  }

  async #startWorkers(count: number): Promise<void> {
    const args = ['workers', '-W', String(count), '--worker-port', String(this.#around.port)];
    await this.#around.start(args).line(/workers? ready on /);
  }

  #startJoining(): void {
    const { driverPort, port } = this.#around;
    const join = ['--join', `http://127.0.0.1:${driverPort}`];
    this.#around.start(['worker', ...join, '--worker-port', String(port + 10)]);
  }

  /** Repeats the command until it has succeeded. */
  async #runUntilDone(): Promise<void> {
    for (let [count, fresh] = [1, false]; count <= MOST_DRIVERS; count++) {
      const version = this.#around.inputs.versions.length - 1;
      const { freshReasons } = this.#excuses;
      const handicap = this.#handicaps.shift();
      const driver = this.#startDriver(handicap, fresh);
      const wasKilled = await this.#harass(driver);
      const end = await within(driver);
      this.#noteHandicap(handicap);
      this.ends.push(end.exitCode ?? end.signal ?? 'nothing');
      const problem = this.#excuses.problemOf(end, wasKilled) ?? this.#problemOfResults(end, version);
      if (problem !== undefined) throw new Error(`${problem}; the driver printed\n${end.stderr}`);
      if (end.exitCode === 0) return;
      if (fresh && hasBegun(end.stderr)) this.#excuses.settleFresh(freshReasons);
      fresh = mustStartOver(end.exitCode, end.stderr) || (fresh && !hasBegun(end.stderr));
      this.#mend(end);
      await this.#breakBetween(driver);
    }
    throw new Error(`not done after ${MOST_DRIVERS} drivers`);
  }

  #startDriver(handicap: Handicap | undefined, isFresh: boolean): RunningCommand {
    const { port, driverPort, inputs } = this.#around;
    const ports = ['--worker-port', String(port), '--port', String(driverPort)];
    const fresh = isFresh ? ['--fresh'] : [];
    return this.#around.start(['run', ...ports, ...this.#plan.setting.args, ...fresh, ...inputs.names], handicap);
  }

  #noteHandicap(handicap: Handicap | undefined): void {
    if (handicap === undefined || ('refusal' in handicap && !this.#around.hasRefused)) return;
    this.#excuses.addHandicap(handicap);
    this.faults.push(handicapStruck(handicap));
  }

  /** Lets faults hit a driver, one after another, until it has ended or no fault is left. Returns whether one killed it. */
  async #harass(driver: RunningCommand): Promise<boolean> {
    await Promise.race([driver.finished, delay(this.#plan.setting.calmMs)]);
    let wasKilled = false;
    while (!driver.ended && this.#during.length > 0) {
      await Promise.race([driver.finished, delay(this.#during[0]!.waitMs)]);
      if (driver.ended) break;
      const step = this.#during.shift()!;
      wasKilled ||= step.kind.name === 'driver killed';
      await this.#strike(step, driver);
    }
    return wasKilled;
  }

  async #strike({ kind, seed }: Step, driver: RunningCommand): Promise<void> {
    const said = await this.#said({ kind, seed }, driver);
    if (said === undefined) return;
    this.#excuses.add(kind);
    this.faults.push({ name: kind.name, said });
  }

  /** A fault's target may still appear as long as a driver lives. */
  async #said({ kind, seed }: Pick<Step, 'kind' | 'seed'>, driver: RunningCommand): Promise<string | undefined> {
    const endMs = performance.now() + TARGET_MS;
    for (;;) {
      const said = await kind.strike({ around: this.#around, draws: new Draws(seed), driver });
      if (said !== undefined || driver.ended || performance.now() > endMs) return said;
      await Promise.race([driver.finished, delay(LOOK_MS)]);
    }
  }

  #problemOfResults({ exitCode, signal }: Finished, version: number): string | undefined {
    const { job } = this.#plan.setting;
    const { inputs, results } = this.#around;
    // An input that grew while the driver ran may have been read before or after that.
    const versions = exitCode === 0 ? inputs.versions.slice(version) : inputs.versions;
    const expected = versions.map((texts) => expectedLines(job, texts));
    const isInOrder = job === 'slow-sort';
    if (exitCode === 0) return results.problemOfNew(expected, isInOrder);
    return results.problemOfOld(expected, isInOrder, signal !== null);
  }

  /** Does what a person would do after reading the driver's message. A killed driver has not printed one. */
  #mend(end: Finished): void {
    this.#around.disk?.empty();
    this.#around.restoreJob();
    if (end.signal !== null) return;
    this.#around.obstacles.clear(end.stderr);
    this.#excuses.settle();
  }

  async #breakBetween(driver: RunningCommand): Promise<void> {
    for (const step of this.#between.shift() ?? []) await this.#strike(step, driver);
  }
}

function handicapStruck(handicap: Handicap): Struck {
  if ('refusal' in handicap) return { name: 'call refused', said: textOf(handicap.refusal) };
  return { name: 'long files refused', said: `no file beyond ${handicap.fileLimitKiB} KiB` };
}

async function within(driver: RunningCommand): Promise<Finished> {
  const ended = await Promise.race([driver.finished, delay(LIMIT_MS, undefined, { ref: false })]);
  if (ended !== undefined) return ended;
  throw new Error(`HANG: the driver has not ended within ${LIMIT_MS / 1000} s; it printed\n${driver.said.join('\n')}`);
}
