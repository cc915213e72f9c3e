// `npm run chaos -- --seed 7`: runs on real processes and real files, over which faults come: workers and drivers are killed
// and stopped, strangers take their ports, files are damaged, disks are full, calls to the system are refused, inputs grow.
// Whatever happens, the output is right, or there is one clear error and the same command again ends right.
//
// What is drawn follows from the seed; what a fault meets, and so the outcome, also from how fast the machine is.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { canMount } from '../fixtures/small-disk.ts';
import { buildRefuser } from '../refusals/refuser.ts';
import { drawPlan, type Plan } from './plan.ts';
import { runRound, type RoundResult } from './round.ts';
import { Tally } from './tally.ts';
import type { Surroundings } from './surroundings.ts';

interface Options {
  readonly seed: number;
  readonly minutes?: number;
  readonly rounds?: number;
}

const DEFAULT_MINUTES = 10;

let around: Surroundings | undefined;
process.once('exit', () => around?.abandon());
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const command = new Command('chaos')
  .description('run jobs while faults come over their processes and files, and look at what they answer')
  .option('--seed <number>', 'what all is drawn from (default: a new one)', whole, Math.floor(Math.random() * 1e9))
  .option('--minutes <number>', `how long to go on (default: ${DEFAULT_MINUTES})`, positive)
  .option('--rounds <count>', 'how many rounds, instead', whole)
  .allowExcessArguments(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(`chaos: ${text.replace(/^error: /, '').trim()}\n`) })
  .action(chaos);
try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

async function chaos({ seed, minutes, rounds }: Options): Promise<void> {
  const endMs = Date.now() + (minutes ?? (rounds === undefined ? DEFAULT_MINUTES : Infinity)) * 60_000;
  const folder = mkdtempSync(join(tmpdir(), 'mapreduce-refuser-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const refuser = buildRefuser(folder);
  const means = { canMount: canMount(), canRefuse: refuser !== undefined };
  const tally = new Tally();
  while (tally.rounds < (rounds ?? Infinity) && Date.now() < endMs) {
    const startMs = Date.now();
    const roundSeed = seed + tally.rounds;
    const plan = drawPlan(roundSeed, means);
    const result = await runRound(plan, refuser, (place) => (around = place));
    around = undefined;
    tally.add(result);
    print(lineOf(`round ${tally.rounds} (seed ${roundSeed})`, plan, result, Date.now() - startMs));
    if (result.failure !== undefined) {
      print(result.failure);
      print(`again: npm run chaos -- --seed ${roundSeed} --rounds 1`);
      process.exitCode = 1;
      return;
    }
  }
  for (const line of tally.lines()) print(line);
}

function lineOf(round: string, { setting }: Plan, { faults, ends, failure }: RoundResult, ms: number): string {
  const said = faults.length === 0 ? 'no fault' : faults.map((fault) => fault.said).join(', ');
  const outcome = failure === undefined ? 'right' : 'FAILED';
  const seconds = (ms / 1000).toFixed(1);
  return `${round}: ${setting.says}; ${said}; drivers ended with ${ends.join(', ')}: ${outcome} after ${seconds} s`;
}

function whole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(`expected a whole number, found ${JSON.stringify(text)}.`);
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`expected a positive number, found ${JSON.stringify(text)}.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
