// `mapreduce sequential`: runs a job in one process, in memory, and prints its output.

import { Command } from 'commander';

import { prepareJob } from '../runners/local.ts';
import { writeOut } from './output.ts';
import { jobOption, type JobOptions, paramOption } from './options.ts';
import { say, sayPrinted } from './say.ts';
import { sequentialProgress } from './sequential-progress.ts';

export function sequentialCommand(): Command {
  return new Command('sequential')
    .description('run a job in one process, in memory, and print its output, sorted by key')
    .argument('<inputs...>', 'input files or patterns, quoted or not')
    .addOption(jobOption)
    .addOption(paramOption)
    .action(async (inputs: string[], { job, param }: JobOptions) => {
      await using prepared = await prepareJob({ inputs, job, params: param }, sayPrinted, {
        replaces: false,
        note: say,
      });
      await writeOut(prepared.host.sequential(prepared.inputs, sequentialProgress(say)));
    });
}
