// `npm run bench`: measures the engine and its peers in one go.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import type { Bench, BenchCase } from './case.ts';
import { cases } from './cases/index.ts';
import { Datasets } from './data/datasets.ts';
import { endCommands } from './measure/timed-command.ts';
import { installPeers, Tools } from './peers/tools.ts';
import { describeMachine } from './report/machine.ts';
import { type BenchResult, type CaseResult, resultOf } from './report/result.ts';
import { caseLines, machineLines, summaryLines } from './report/table.ts';
import { runCase } from './run-case.ts';

interface Options {
  readonly case: readonly string[];
  readonly only: readonly string[];
  readonly list?: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly scale: number;
  readonly data: string;
  readonly json?: string;
  readonly installPeers?: boolean;
}

const command = new Command('bench')
  .description('measure the engine against its peers; the inputs are made from a seed and kept for the next time')
  .option('--case <name>', 'only this case; may be given several times', gather, [])
  .option('--only <text>', 'only contestants with this in their names; may be given several times', gather, [])
  .option('--list', 'list the cases')
  .option('--rounds <count>', 'how often each contestant runs', positiveInteger, 3)
  .option('--seed <number>', 'what the inputs are made from', positiveInteger, 1)
  .option('--scale <factor>', 'the factor of the sizes of all inputs', positive, 1)
  .option('--data <directory>', 'where inputs are kept', join(tmpdir(), 'http-mapreduce-bench'))
  .option('--json <file>', 'the file for the results (default: below the data directory)')
  .option('--install-peers', 'install GNU parallel and mawk with apt-get')
  .action(async (options: Options) => (options.list === true ? list() : bench(options)));
await command.parseAsync();

function list(): void {
  for (const { name, says, onDemand } of cases) print(`${name}: ${says}${onDemand === true ? ' (on demand)' : ''}`);
}

async function bench(options: Options): Promise<void> {
  const { rounds, seed, scale, only } = options;
  const chosen = chosenCases(options.case);
  const dir = resolve(options.data);
  if (options.installPeers === true) say(installPeers());
  const tools = new Tools(dir);
  const machine = describeMachine(tools.versions);
  const date = new Date().toISOString();
  say(`seed ${seed}, data in ${dir}`);
  for (const line of machineLines(machine)) print(line);
  const scratch = scratchBelow(dir);
  const surroundings: Bench = {
    data: new Datasets({ dir, seed, scale, say }),
    tools,
    cores: availableParallelism(),
    newFolder: () => folderIn(scratch),
    inFolder: (work) => inFolder(scratch, work),
  };
  const json = resolve(options.json ?? join(dir, 'results', `${date.replaceAll(':', '-')}.json`));
  mkdirSync(dirname(json), { recursive: true });
  const results: CaseResult[] = [];
  for (const benchCase of chosen) {
    const sayOf = (line: string): void => say(`${benchCase.name}: ${line}`);
    const measured = await runCase(benchCase, surroundings, { rounds, only, say: sayOf });
    results.push(resultOf(benchCase, measured, scale === 1));
    for (const line of caseLines(results.at(-1)!)) print(line);
    // After each case: all of them take long, and results should not be lost with a later failure.
    const result: BenchResult = { date, machine, seed, scale, rounds, cases: results };
    writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  }
  for (const line of summaryLines(results)) print(line);
  say(`every timing is in ${json}`);
  if (results.some(({ contestants }) => contestants.some(({ failures }) => failures.length > 0))) process.exitCode = 1;
}

function chosenCases(names: readonly string[]): readonly BenchCase[] {
  if (names.length === 0) return cases.filter(({ onDemand }) => onDemand !== true);
  return names.map((name) => {
    const found = cases.find((benchCase) => benchCase.name === name);
    return found ?? command.error(`bench: --case ${name}: expected one of ${cases.map((one) => one.name).join(', ')}`);
  });
}

/** A directory for the files of contestants, which is removed at the end of this process. */
function scratchBelow(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const scratch = mkdtempSync(join(dir, 'run-'));
  process.once('exit', () => {
    endCommands();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  });
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  return scratch;
}

function folderIn(scratch: string): string {
  return mkdtempSync(join(scratch, 'contestant-'));
}

async function inFolder<T>(scratch: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = folderIn(scratch);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function gather(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function positiveInteger(text: string): number {
  const value = positive(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(`Expected a whole number, found ${JSON.stringify(text)}.`);
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError(`Expected a positive number, found ${JSON.stringify(text)}.`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
