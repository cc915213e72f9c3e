// `npm run chaos -- --seed 7`: runs on real processes and real files, over which faults come: workers and drivers are killed
// and stopped, bits flip, files are cut, disks are full. Whatever happens, the output is right or there is none.
//
// What is drawn follows from the seed; what a fault meets, and so the outcome, also from how fast the machine is.

import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { runRound, type RoundResult } from './round.ts';
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
  .description('run jobs while faults come over their processes and files, and compare with sequential runs')
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
  let [done, faults, drivers] = [0, 0, 0];
  while (done < (rounds ?? Infinity) && Date.now() < endMs) {
    const startMs = Date.now();
    const result = await runRound(seed + done, (place) => (around = place));
    around = undefined;
    done++;
    print(lineOf(done, seed + done - 1, result, Date.now() - startMs));
    if (result.failure !== undefined) {
      print(result.failure);
      print(`again: npm run chaos -- --seed ${seed + done - 1} --rounds 1`);
      process.exitCode = 1;
      return;
    }
    faults += result.faults.length;
    drivers += result.ends.length;
  }
  print(`${done} rounds, ${faults} faults, ${drivers} drivers: every output was right, and nothing was left behind`);
}

function lineOf(round: number, seed: number, result: RoundResult, ms: number): string {
  const faults = result.faults.length === 0 ? 'no fault' : result.faults.join(', ');
  const outcome = result.failure === undefined ? 'right' : 'FAILED';
  return (
    `round ${round} (seed ${seed}): ${result.says}; ${faults}; ` +
    `drivers ended with ${result.ends.join(', ')}: ${outcome} after ${(ms / 1000).toFixed(1)} s`
  );
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
