// Finds jobs: the file that `--job` names, and the jobs that come with the package. Does not load them.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import leven from 'leven';

import { UsageError } from '../errors.ts';

/** In a clone built-in jobs are loaded from their sources, even by a bundle: so a run can be resumed when its bundle is gone. */
const SOURCES = join(dirname(findPackageJSON('..', import.meta.url)!), 'src/jobs');
const BUILT_IN = existsSync(SOURCES) ? SOURCES : fileURLToPath(new URL('../jobs', import.meta.url));
const EXTENSION = BUILT_IN === SOURCES ? '.ts' : '.js';
const JOB_ENDING = /\.[cm]?[jt]s$/;
/** A larger file was not written as a job file. */
const LOOK_BYTES = 1 << 20;

/** The names of the jobs that come with the package, sorted. */
export function builtInJobs(): string[] {
  return readdirSync(BUILT_IN)
    .filter((file) => extname(file) === EXTENSION && !file.endsWith('.d.ts'))
    .map((file) => basename(file, EXTENSION))
    .sort();
}

/**
 * The absolute path of the job that `--job` names: a built-in job's name, or the path of a job file, which has a slash or
 * an ending such as `.ts` in it.
 * @throws UsageError if there is no such file or name; lists the nearest names
 */
export function findJob(nameOrPath: string): string {
  if (/[/\\]/.test(nameOrPath) || JOB_ENDING.test(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (existsSync(path) && statSync(path).isFile()) return path;
    throw new UsageError(`--job ${nameOrPath}: expected the path of a job file, found no file there`);
  }
  const names = builtInJobs();
  if (names.includes(nameOrPath)) return join(BUILT_IN, nameOrPath + EXTENSION);
  throw new UsageError(
    `--job ${nameOrPath}: expected a job file or one of the built-in jobs, found neither; ` +
      `nearest: ${nearest(nameOrPath, names).join(', ')}`,
  );
}

/**
 * Whether a word in the place of an input means a job: the name of a built-in job, or the path of a job file. If there is a file
 * with the name of a built-in job, it means the file.
 */
export function meansJob(word: string): boolean {
  return existsSync(word) ? isJobFile(word) : builtInJobs().includes(word);
}

/** Whether a file looks like a job: any JavaScript may be data, but a job has a default export, and map and reduce. */
export function isJobFile(path: string): boolean {
  const found = JOB_ENDING.test(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (found?.isFile() !== true || found.size > LOOK_BYTES) return false;
  const text = readFileSync(path, 'utf8');
  if (!/\bexport\s+default\b|\bas\s+default\b|\bmodule\.exports\b/.test(text)) return false;
  return text.includes('http-mapreduce') || (/\bmap\b/.test(text) && /\breduce\b/.test(text));
}

/** The three of `names` that are most similar to `word`. */
export function nearest(word: string, names: readonly string[]): string[] {
  return names.toSorted((a, b) => leven(word, a) - leven(word, b)).slice(0, 3);
}
