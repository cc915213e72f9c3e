// `--help` of a command that runs a job: what the command takes, and if a job is named, what that does and takes.

import { type Command, Option } from 'commander';

import { findJob } from '../../job-loading/find-job.ts';
import { DEFAULTS } from '../../options/run-options.ts';
import type { JobDescription } from '../../engine/host-messages.ts';
import { JobHost } from '../../engine/job-host.ts';
import { printable } from '../../view/printable.ts';
import { namedJob } from './named-job.ts';
import { print } from '../stdout.ts';
import { sayPrinted } from '../stderr.ts';

/** The option is one as any other: the help has to wait until the job is loaded. */
export const helpOption = new Option('-h, --help', 'display help for command; with a job, also for that');

/** @throws UsageError if there is no job of that name */
export async function printHelp(words: readonly string[], command: Command): Promise<void> {
  const { job } = namedJob(words, command);
  const about = job === undefined ? '' : `\n${describe(job, await descriptionOf(job))}`;
  command.outputHelp();
  print(about);
}

async function descriptionOf(job: string): Promise<JobDescription> {
  const { taskMemoryBytes: heapBytes, taskTimeoutMs: timeoutMs } = DEFAULTS;
  await using host = new JobHost({ heapBytes, timeoutMs, onOutput: sayPrinted });
  return await host.load(findJob(job));
}

function describe(job: string, { name, description, params, env }: JobDescription): string {
  const title = `The job ${name}${name === job ? '' : ` (${job})`}`;
  const lines = [
    description === '' ? `${title} says nothing of itself.` : `${title}: ${description}`,
    ...(params === undefined ? ['It takes any --param, as text.'] : paramLines(params)),
    ...(env.length === 0 ? [] : [`It reads the variables ${env.join(', ')}.`]),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function paramLines(params: NonNullable<JobDescription['params']>): string[] {
  if (params.length === 0) return ['It takes no --param.'];
  const width = Math.max(...params.map(({ name }) => name.length));
  return ['Parameters:', ...params.map(({ name, takes }) => `  --param ${`${name}=…`.padEnd(width + 2)}  ${takes}`)];
}
