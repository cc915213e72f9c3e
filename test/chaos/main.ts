// `npm run chaos -- --seed 7`: runs jobs with real processes and files while faults happen: workers and drivers are killed and
// stopped, strangers take their ports, files are damaged, disks are full, system calls are refused, inputs grow. In every case
// the output must be right, or there must be one clear error, after which the same command succeeds.
//
// The seed determines all draws. What a fault meets, and so the outcome, also depends on the speed of the machine.

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
  .description('run jobs while faults hit their processes and files, and check their output')
  .option('--seed <number>', 'the seed of all draws (default: a new one)', whole, Math.floor(Math.random() * 1e9))
  .option('--minutes <number>', `how long to continue (default: ${DEFAULT_MINUTES})`, positive)
  .option('--rounds <count>', 'how many rounds, instead of --minutes', whole)
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
