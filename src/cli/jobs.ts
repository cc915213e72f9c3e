// `mapreduce jobs`: lists the built-in jobs.

import { Command } from 'commander';

import { builtInJobs, findJob } from '../job-loading/find-job.ts';
import { DEFAULTS } from '../options/run-options.ts';
import { JobHost } from '../engine/job-host.ts';
import { print } from '../terminal/stdout.ts';
import { sayPrinted } from '../terminal/stderr.ts';

export function jobsCommand(): Command {
  return new Command('jobs').description('list the built-in jobs').action(async () => {
    const names = builtInJobs();
    const width = Math.max(...names.map((name) => name.length));
    const { taskMemoryBytes: heapBytes, taskTimeoutMs: timeoutMs } = DEFAULTS;
    await using host = new JobHost({ heapBytes, timeoutMs, onOutput: sayPrinted });
    for (const name of names) {
      const { description } = await host.load(findJob(name));
      print(`${name.padEnd(width)}  ${description}\n`);
    }
  });
}
