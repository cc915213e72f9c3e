// `mapreduce sequential`: runs a job in one process, and prints its output.

import { Command } from 'commander';

import { prepareJob } from '../engine/local-run.ts';
import { helpOption, printHelp } from '../terminal/arguments/job-help.ts';
import { INPUTS, JOB_USAGE, namedJob } from '../terminal/arguments/named-job.ts';
import { writeOut } from '../terminal/stdout.ts';
import { jobOption, type JobOptions, paramOption } from '../terminal/arguments/shared-options.ts';
import { say, sayPrinted } from '../terminal/stderr.ts';
import { sequentialProgress } from '../terminal/sequential-progress.ts';

export function sequentialCommand(): Command {
  return new Command('sequential')
    .description('run a job in one process, and print its output, sorted by key')
    .usage(JOB_USAGE)
    .argument('[inputs...]', INPUTS)
    .addOption(jobOption)
    .addOption(paramOption)
    .addOption(helpOption)
    .action(async (words: string[], given: JobOptions, command: Command) => {
      if (given.help === true) return printHelp(words, command);
      const { job = given.job, inputs } = namedJob(words, command);
      const asked = { inputs, job, params: given.param };
      await using prepared = await prepareJob(asked, sayPrinted, { replaces: false, note: say });
      await writeOut(prepared.host.sequential(prepared.inputs, [], sequentialProgress(say)));
    });
}
