// What the job of a run has to find wherever it runs: the folder and the environment of the driver, and its own parts as they were.
// Only who may read the token may read it: a variable may be a secret.

import * as v from 'valibot';

import { isFileText } from '../machine/regular-file.ts';
import { readStateFile, type StateFileKind, stateText, writeStateFile } from './state-file.ts';

const JobSurroundings = v.object({
  runId: v.pipe(v.string(), v.nonEmpty()),
  /** When the run began, in milliseconds since 1970. */
  beganMs: v.number(),
  /** What the job is made of: see `module-graph.ts`. */
  parts: v.array(v.tuple([v.string(), v.string()])),
  folder: v.string(),
  /** The variables that it sees. */
  env: v.record(v.string(), v.string()),
  /** The names of those that the driver has, and the job does not declare. */
  withheld: v.array(v.string()),
});
export type JobSurroundings = v.InferOutput<typeof JobSurroundings>;

const JOB: StateFileKind<JobSurroundings> = { kind: 'job', version: 1, mostBytes: 16 << 20, content: JobSurroundings };
const ONLY_OURS = 0o600;

/** @throws SystemError if the machine refuses */
export function writeSurroundings(path: string, surroundings: JobSurroundings): void {
  writeStateFile(JOB, path, surroundings, { mode: ONLY_OURS, synced: true });
}

/** What is in the file, or why it is not to be believed, in words. @throws SystemError if the machine refuses */
export function readSurroundings(path: string): JobSurroundings | string {
  const found = readStateFile(JOB, path);
  if (found === undefined) return 'found no file';
  return 'content' in found ? found.content : found.damage;
}

/** Sees to it that the file is what `writeSurroundings` makes, whatever has become of it. */
export function keepSurroundings(path: string, surroundings: JobSurroundings | undefined): void {
  if (surroundings === undefined || isFileText(path, stateText(JOB, surroundings))) return;
  writeSurroundings(path, surroundings);
}
