// The command line: `mapreduce run|workers|reset|sequential|show|jobs`. One file a command; this one puts them together
// and turns errors into one clear message and an exit code.

import { readFileSync } from 'node:fs';

import { inspect } from 'node:util';

import { Command, CommanderError } from 'commander';

import { EXIT_CODES, MapReduceError } from '../errors.ts';
import { jobsCommand } from './jobs.ts';
import { resetCommand } from './reset.ts';
import { runCommand } from './run.ts';
import { sequentialCommand } from './sequential.ts';
import { showCommand } from './show.ts';
import { workersCommand } from './workers.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('mapreduce')
  .description('MapReduce over plain HTTP')
  .version(version)
  .showSuggestionAfterError()
  .configureOutput({
    outputError: (text, write) =>
      write(
        `mapreduce: ${text
          .replace(/^error: /, '')
          .trim()
          .replaceAll('\n', ' ')}\n`,
      ),
  });
for (const command of [
  runCommand(),
  workersCommand(),
  resetCommand(),
  sequentialCommand(),
  showCommand(),
  jobsCommand(),
]) {
  program.addCommand(command.copyInheritedSettings(program).exitOverride());
}
program.exitOverride();

// `mapreduce show FILE | head`: a reader who has seen enough is no error; what is left to do goes on without him.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));

let exitCode = 0;
try {
  await program.parseAsync();
} catch (error) {
  exitCode = exitCodeOf(error);
}
// A job file may have left a timer or a connection open: the end of the command is the end of the process.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit(exitCode);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
  if (error instanceof MapReduceError && error.kind !== 'invariant') {
    process.stderr.write(`mapreduce: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`mapreduce: unexpected: ${inspect(error)}\n`);
  return EXIT_CODES.invariant;
}
