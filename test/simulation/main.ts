// `npm run simulate`: simulates many runs in a world where everything goes wrong, each from a seed that repeats it.

import { Command, InvalidArgumentError } from 'commander';

import { plantedBugs } from './planted-bugs/all.ts';
import { searchBug } from './planted-bugs/search.ts';
import { simulateSeeds } from './seeds-in-threads.ts';
import { simulate } from './simulation.ts';
import { failureText, outcomeText, Tally } from './tally.ts';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly plantedBugs?: boolean;
}

/** After this many failing seeds, more would add no information. */
const MOST_FAILURES = 10;

const command = new Command('simulate')
  .description('run the driver and its scheduler in a simulated world where everything goes wrong')
  .option('--seeds <count>', 'how many runs', positiveInteger, 2000)
  .option('--from <seed>', 'the first seed', positiveInteger, 1)
  .option('--seed <seed>', 'only this one, with one line per event', positiveInteger)
  .option('--planted-bugs', 'put bugs into the scheduler, one after another, and search up to --seeds runs for each')
  .allowExcessArguments(false)
  .showSuggestionAfterError(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (options: Options) => {
    if (options.seed !== undefined) trace(options.seed);
    else if (options.plantedBugs === true) searchBugs(options.seeds);
    else await simulateMany(options);
  });
// A reader that closes the pipe early does not cause an error.
process.stdout.on('error', () => process.exit());
await command.parseAsync();

async function simulateMany({ from, seeds }: Options): Promise<void> {
  const tally = new Tally();
  const startMs = performance.now();
  await simulateSeeds(from, seeds, (result) => {
    tally.add(result);
    if (result.violation !== undefined && tally.failed.length <= MOST_FAILURES) print(failureText(result));
    return tally.failed.length < MOST_FAILURES;
  });
  for (const line of tally.lines(performance.now() - startMs)) print(line);
  if (tally.failed.length > 0) process.exitCode = 1;
}

function trace(seed: number): void {
  const result = simulate(seed, { note: print });
  print(result.violation === undefined ? `seed ${seed}: ${outcomeText(result)}` : failureText(result));
  if (result.violation !== undefined) process.exitCode = 1;
}

function searchBugs(seedCount: number): void {
  for (const [name, bug] of Object.entries(plantedBugs)) {
    const found = searchBug(bug, seedCount);
    const how =
      found === undefined ? 'not found' : `found with seed ${found.seed} by ${found.checker}: ${found.sentence}`;
    print(`${name} (${bug.says}): ${how}`);
    if (found === undefined) process.exitCode = 1;
  }
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1 on, found ${JSON.stringify(text)}.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
