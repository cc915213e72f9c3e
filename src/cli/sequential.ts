// `mapreduce sequential`: runs a job in one process, and prints its output.

import { Command } from 'commander';

import { prepareJob } from '../engine/local-run.ts';
import { printHelp } from '../terminal/arguments/job-help.ts';
import { INPUTS, JOB_USAGE, namedJob } from '../terminal/arguments/named-job.ts';
import { writeOut } from '../terminal/stdout.ts';
import { argumentsOf, withJobOptions } from '../terminal/arguments/command-options.ts';
import { say, sayPrinted } from '../terminal/stderr.ts';
import { sequentialProgress } from '../terminal/sequential-progress.ts';

export function sequentialCommand(): Command {
  return withJobOptions(new Command('sequential'))
    .description('run a job in one process, and print its output, sorted by key')
    .usage(JOB_USAGE)
    .argument('[inputs...]', INPUTS)
    .action(async (words: string[], { help }: { readonly help?: boolean }, command: Command) => {
      if (help === true) return printHelp(words, command);
      const given = argumentsOf(command);
      const { job = given.job, inputs } = namedJob(words, command);
      const asked = { inputs, job, params: given.params };
      await using prepared = await prepareJob(asked, sayPrinted, { replaces: false, note: say });
      await writeOut(prepared.host.sequential(prepared.inputs, [], sequentialProgress(say)));
    });
}
