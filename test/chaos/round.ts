// One round: a run over which faults come until none is left, given again and again until it has ended well. Its output
// must be the sequential runner's, byte for byte; no driver may hang, fail for another reason than the faults, or leave a
// process behind.

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { Finished, RunningCommand } from '../fixtures/running-command.ts';
import { canMount } from '../fixtures/small-disk.ts';
import { Draws } from './draws.ts';
import { FAULTS, FAULTS_BETWEEN } from './faults.ts';
import { drawSetting, type Setting } from './setting.ts';
import { Surroundings } from './surroundings.ts';

/** No run here takes a tenth of it. */
const LIMIT_MS = 120_000;
/** Losses, damaged files and full disks: what faults may rightly use up. */
const RIGHTFUL = new Set([4, 5, 6]);
const MOST_DRIVERS = 40;

export interface RoundResult {
  readonly says: string;
  readonly faults: readonly string[];
  /** How the drivers ended: exit codes, and signals. */
  readonly ends: readonly (number | string)[];
  /** What is wrong; undefined where nothing is. */
  readonly failure: string | undefined;
}

/** Runs the round of a seed. `begun` hears where it takes place. */
export async function runRound(seed: number, begun: (around: Surroundings) => void): Promise<RoundResult> {
  const draws = new Draws(seed);
  const setting = drawSetting(draws, canMount());
  const around = await Surroundings.of(setting);
  begun(around);
  const round = new Round(draws, setting, around);
  const failures: unknown[] = [];
  await round.run().catch((error: unknown) => failures.push(error));
  await around.end().catch((error: unknown) => failures.push(error));
  const failure = failures.length === 0 ? undefined : failures.map(String).join('\n');
  return { says: setting.says, faults: round.faults, ends: round.ends, failure };
}

class Round {
  readonly faults: string[] = [];
  readonly ends: (number | string)[] = [];
  readonly #draws: Draws;
  readonly #setting: Setting;
  readonly #around: Surroundings;
  #faultsLeft: number;

  constructor(draws: Draws, setting: Setting, around: Surroundings) {
    this.#draws = draws;
    this.#setting = setting;
    this.#around = around;
    this.#faultsLeft = setting.faultCount;
  }

  async run(): Promise<void> {
    const { job, texts, standing } = this.#setting;
    const inputs = Object.keys(texts);
    const expected = this.#around.start(['sequential', ...job, ...inputs]).finished;
    if (standing > 0) await this.#startWorkers(standing);
    const { exitCode, stdout } = await expected;
    if (exitCode !== 0) throw new Error(`mapreduce sequential ended with ${exitCode}`);
    await this.#runUntilDone();
    const outputs = this.#around.files('out').map((path) => readFileSync(path, 'latin1'));
    const [found, wanted] = [sortedLines(outputs.join('')), sortedLines(Buffer.from(stdout).toString('latin1'))];
    const at = wanted.findIndex((line, index) => line !== found[index]);
    if (at >= 0 || found.length !== wanted.length) {
      throw new Error(`WRONG OUTPUT: expected ${quoted(wanted[at])}, found ${quoted(found[at])} at line ${at + 1}`);
    }
  }

  async #startWorkers(count: number): Promise<void> {
    const args = ['workers', '-W', String(count), '--worker-port', String(this.#around.port)];
    await this.#around.start(args).line(/workers? ready on /);
  }

  /** Gives the same command again until it has ended well. */
  async #runUntilDone(): Promise<void> {
    for (let [count, faultsBefore] = [1, 0]; count <= MOST_DRIVERS; count++) {
      const driver = this.#startDriver(count === 1);
      await this.#harass(driver);
      const end = await within(driver);
      this.ends.push(end.exitCode ?? end.signal ?? 'nothing');
      if (end.exitCode === 0) return;
      this.#around.disk?.empty();
      const isRightful = end.signal === 'SIGKILL' || RIGHTFUL.has(end.exitCode ?? -1);
      if (!isRightful || this.faults.length === faultsBefore) {
        throw new Error(`the driver ended with ${end.exitCode ?? end.signal}, and said\n${end.stderr}`);
      }
      faultsBefore = this.faults.length;
      this.#breakBetween(driver);
    }
    throw new Error(`not done after ${MOST_DRIVERS} drivers`);
  }

  #startDriver(isFirst: boolean): RunningCommand {
    const { flags, job, texts, disk } = this.#setting;
    const { port } = this.#around;
    const ports = ['--worker-port', String(port), '--port', String(port + 20)];
    const isLimited = isFirst && disk !== undefined && 'fileLimitKiB' in disk;
    if (isLimited) this.faults.push(`no file beyond ${disk.fileLimitKiB} KiB`);
    const args = ['run', ...ports, ...flags, ...job, ...Object.keys(texts)];
    return this.#around.start(args, isLimited ? disk.fileLimitKiB : undefined);
  }

  /** Lets faults come over a driver, one after another, until it has ended or none is left. */
  async #harass(driver: RunningCommand): Promise<void> {
    await Promise.race([driver.finished, delay(this.#setting.calmMs)]);
    while (this.#faultsLeft > 0 && !driver.ended) {
      await Promise.race([driver.finished, delay(this.#draws.between(30, this.#setting.quietMs))]);
      if (driver.ended) return;
      this.#faultsLeft--;
      const said = this.#fillDisk() ?? this.#draws.oneOf(FAULTS)!({ around: this.#around, draws: this.#draws, driver });
      if (said !== undefined) this.faults.push(said);
    }
  }

  /** On a small disk, every third fault takes its room, until the driver has failed. */
  #fillDisk(): string | undefined {
    const { disk } = this.#around;
    if (disk === undefined || !this.#draws.isIn(0.35)) return undefined;
    const freeBytes = this.#draws.between(0, 100_000);
    disk.fill(freeBytes);
    return `disk full but for ${freeBytes} bytes`;
  }

  #breakBetween(driver: RunningCommand): void {
    for (const fault of FAULTS_BETWEEN) {
      if (this.#faultsLeft <= 0 || !this.#draws.isIn(0.4)) continue;
      this.#faultsLeft--;
      const said = fault({ around: this.#around, draws: this.#draws, driver });
      if (said !== undefined) this.faults.push(said);
    }
  }
}

async function within(driver: RunningCommand): Promise<Finished> {
  const ended = await Promise.race([driver.finished, delay(LIMIT_MS, undefined, { ref: false })]);
  if (ended !== undefined) return ended;
  throw new Error(`HANG: the driver has not ended within ${LIMIT_MS / 1000} s; it said\n${driver.said.join('\n')}`);
}

function sortedLines(text: string): string[] {
  return text.split('\n').sort((a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
}

function quoted(line: string | undefined): string {
  return line === undefined ? 'nothing' : JSON.stringify(line.slice(0, 100));
}
