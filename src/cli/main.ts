// The command line: `mapreduce run|worker|workers|reset|sequential|show|jobs`. Each command has its own file. This one combines
// them, and turns each error into one clear message and an exit code.

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

/** The file of each command is loaded when the command is called, so that no command loads the dependencies of others. */
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

/** The commands whose job host starts at once, so that it is ready when their own modules are loaded. */
const LOADING_JOBS = new Set(['run', 'sequential', 'jobs']);

// A closed stdout or stderr does not end the run.
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
  // An earlier failure is more informative.
  if (exitCode === 0) exitCode = code;
}
await new Promise((resolve) => process.stderr.write('', resolve));
await JobHost.dismiss();
// The process ends with its command, even if something is still open, such as a timer.
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
  // Any first argument that does not name a command, such as `--help`, applies to all commands.
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
    // Messages quote data and jobs, which must not control the terminal.
    process.stderr.write(`mapreduce: ${printable(error.message)}\n`);
    return exitCodeOf(error);
  }
  process.stderr.write(`mapreduce: unexpected: ${printable(inspect(error))}\n`);
  return exitCodeOf(error);
}
