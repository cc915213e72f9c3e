// `mapreduce jobs`: lists the built-in jobs.

import { Command } from 'commander';

import { builtInJobs, findJob, loadJob } from '../job-loading.ts';
import { print } from './output.ts';

export function jobsCommand(): Command {
  return new Command('jobs').description('list the built-in jobs').action(async () => {
    const names = builtInJobs();
    const width = Math.max(...names.map((name) => name.length));
    for (const name of names) {
      const { description = '' } = await loadJob(findJob(name));
      print(`${name.padEnd(width)}  ${description}\n`);
    }
  });
}
