// The state file `job.json`: what the job of a run needs wherever it runs: the folder and the environment of the driver, and its
// own parts as they were. It is readable only for those who may read the token: a variable may be a secret.

import * as v from 'valibot';

import { isFileText } from '../machine/regular-file.ts';
import { readStateFile, type StateFileKind, stateText, writeStateFile } from './state-file.ts';

const JobSurroundings = v.object({
  runId: v.pipe(v.string(), v.nonEmpty()),
  /** When the run began, in milliseconds since 1970. */
  beganMs: v.number(),
  /** The parts of the job: see `module-graph.ts`. */
  parts: v.array(v.tuple([v.string(), v.string()])),
  folder: v.string(),
  /** The environment variables that the job sees. */
  env: v.record(v.string(), v.string()),
  /** The names of the variables that the driver has and the job does not declare. */
  withheld: v.array(v.string()),
});
export type JobSurroundings = v.InferOutput<typeof JobSurroundings>;

const JOB: StateFileKind<JobSurroundings> = { kind: 'job', version: 1, mostBytes: 16 << 20, content: JobSurroundings };
const ONLY_OURS = 0o600;

/** @throws SystemError if the machine refuses */
export function writeSurroundings(path: string, surroundings: JobSurroundings): void {
  writeStateFile(JOB, path, surroundings, { mode: ONLY_OURS, synced: true });
}

/** The content of the file, or the reason why it cannot be trusted. @throws SystemError if the machine refuses */
export function readSurroundings(path: string): JobSurroundings | string {
  const found = readStateFile(JOB, path);
  if (found === undefined) return 'found no file';
  return 'content' in found ? found.content : found.damage;
}

/** Writes the file again unless it is as `writeSurroundings` leaves it. */
export function keepSurroundings(path: string, surroundings: JobSurroundings | undefined): void {
  if (surroundings === undefined || isFileText(path, stateText(JOB, surroundings))) return;
  writeSurroundings(path, surroundings);
}
