// The command line: `mapreduce run|worker|workers|reset|sequential|show|jobs`. One file a command; this one puts them together
// and turns errors into one clear message and an exit code.

import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { inspect } from 'node:util';

import { Command, CommanderError } from 'commander';

import { MapReduceError } from '../errors.ts';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { JobHost } from '../engine/job-host.ts';
import { printable } from '../view/printable.ts';
import { endOutput, print } from '../terminal/stdout.ts';
import { withstandSignals } from '../terminal/signals.ts';

/** Each command's file is loaded when it is called: what it needs, others do not. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  worker: async () => (await import('./worker.ts')).workerCommand(),
  workers: async () => (await import('./workers.ts')).workersCommand(),
  reset: async () => (await import('./reset.ts')).resetCommand(),
  sequential: async () => (await import('./sequential.ts')).sequentialCommand(),
  show: async () => (await import('./show.ts')).showCommand(),
  history: async () => (await import('./history.ts')).historyCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  jobs: async () => (await import('./jobs.ts')).jobsCommand(),
};

/** Those for which the process that loads the job starts at once: it is there when their own modules are. */
const LOADING_JOBS = new Set(['run', 'sequential', 'jobs']);

// Whoever does not want to hear of a run does not end it.
process.stderr.on('error', () => {});
withstandSignals();
process.on('uncaughtException', (error) => process.exit(printError(error)));

let exitCode = 0;
try {
  await (await programOf(process.argv[2] ?? '')).parseAsync();
} catch (error) {
  exitCode = printError(error);
}
const lost = await endOutput();
if (lost !== undefined) {
  const code = printError(lost);
  // What has failed before says more.
  if (exitCode === 0) exitCode = code;
}
await new Promise((resolve) => process.stderr.write('', resolve));
await JobHost.dismiss();
// What is still open, such as a timer, does not count: the end of the command is the end of the process.
process.exit(exitCode);

async function programOf(called: string): Promise<Command> {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url)!, 'utf8')) as { version: string };
  const program = new Command('mapreduce')
    .description('MapReduce over plain HTTP')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: print,
      outputError: (text, write) =>
        write(
          `mapreduce: ${text
            .replace(/^error: /, '')
            .trim()
            .replaceAll('\n', ' ')}\n`,
        ),
    });
  // Anything else than the name of a command, such as `--help`, is about all of them.
  if (LOADING_JOBS.has(called)) JobHost.prepare();
  for (const name of Object.hasOwn(COMMANDS, called) ? [called] : Object.keys(COMMANDS)) {
    program.addCommand((await COMMANDS[name]!()).copyInheritedSettings(program).exitOverride());
  }
  return program;
}

/** Prints what has failed, on one line. Returns the exit code of the command. */
function printError(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_CODES.usage;
  const error = refusedCall(thrown);
  if (error instanceof MapReduceError && error.kind !== 'invariant') {
    // Data and jobs have their say in messages; the terminal is not theirs.
    process.stderr.write(`mapreduce: ${printable(error.message)}\n`);
    return exitCodeOf(error);
  }
  process.stderr.write(`mapreduce: unexpected: ${printable(inspect(error))}\n`);
  return exitCodeOf(error);
}
