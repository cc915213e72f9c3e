// Which job a command is to run: the one that `--job` names, or the first word that is not an option, if that means a job.

import { realpathSync } from 'node:fs';

import type { Command } from 'commander';

import { UsageError } from '../../errors.ts';
import { isJobFile, meansJob } from '../../job-loading/find-job.ts';

/** What such a command takes beside its options. */
export const JOB_USAGE = '[options] [job] <inputs...>';
export const INPUTS =
  'input files or patterns, quoted or not; before them may stand the job: a job file, or the name of a built-in job';

export interface NamedJob {
  /** As it was named; undefined if it was not. */
  readonly job: string | undefined;
  readonly inputs: readonly string[];
}

/** @throws UsageError for a job file among the inputs that cannot be meant as one */
export function namedJob(words: readonly string[], command: Command): NamedJob {
  const named = jobAmong(words, command);
  // Not required of its own: with --help there need be none.
  if (named.inputs.length === 0 && command.getOptionValue('help') !== true)
    command.error("error: missing required argument 'inputs'");
  return named;
}

function jobAmong(words: readonly string[], command: Command): NamedJob {
  const isGiven = command.getOptionValueSource('job') === 'cli';
  const [first] = words;
  if (isGiven) return { job: command.getOptionValue('job') as string, inputs: withoutItself(words, command) };
  if (first !== undefined && meansJob(first)) return { job: first, inputs: words.slice(1) };
  const misplaced = words.find(isJobFile);
  if (misplaced === undefined) return { job: undefined, inputs: words };
  throw new UsageError(
    `input ${misplaced}: expected data, found a job file; to run it name it first, to read it name another job with --job`,
  );
}

/** Nobody means to count the words of the job itself. */
function withoutItself(words: readonly string[], command: Command): readonly string[] {
  const job = command.getOptionValue('job') as string;
  const itself = isJobFile(job) ? words.find((word) => isJobFile(word) && isSame(word, job)) : undefined;
  if (itself === undefined) return words;
  throw new UsageError(`input ${itself}: expected data, found the file of the job itself; leave it out`);
}

function isSame(a: string, b: string): boolean {
  return realpathSync(a) === realpathSync(b);
}
