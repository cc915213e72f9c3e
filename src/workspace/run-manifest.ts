// The state file `run.json`: which run the files of a state directory belong to.

import * as v from 'valibot';

import { CorruptError } from '../errors.ts';
import { MOST_TASKS } from '../protocol.ts';
import { isFileText } from '../machine/regular-file.ts';
import { readStateFile, type StateFileKind, stateText, writeStateFile } from './state-file.ts';

const taskCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_TASKS));
/** One check for all of them: there may be a hundred thousand. */
const keys = v.custom<readonly string[]>(
  (input) => Array.isArray(input) && input.every((key) => typeof key === 'string'),
);

/** The content of `run.json`. Workers read it. A driver only writes it: for a driver the journal says what the run is. */
const RunManifest = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  job: v.string(),
  mapCount: taskCount,
  reduceCount: taskCount,
  /** If keys are partitioned by range: the first key of each partition but the first, in base64. */
  firstKeys: v.optional(keys),
  /** The absolute path of the folder of the results, if it is not the one in the state directory. */
  output: v.optional(v.pipe(v.string(), v.nonEmpty())),
});
export type RunManifest = v.InferOutput<typeof RunManifest>;

/** First keys are cut short so that all of them fit (`sample/cut-ranges.ts`). */
const RUN: StateFileKind<RunManifest> = { kind: 'run', version: 1, mostBytes: 16 << 20, content: RunManifest };

/** @throws SystemError if the machine refuses */
export function writeManifest(path: string, run: RunManifest): void {
  writeStateFile(RUN, path, run, { synced: true });
}

/**
 * The run that the files belong to; undefined if none is named.
 * @throws CorruptError if the file is damaged; SystemError if the machine refuses to read it
 */
export function readManifest(path: string): RunManifest | undefined {
  const found = readStateFile(RUN, path);
  if (found === undefined || 'content' in found) return found?.content;
  throw new CorruptError(`${path}: expected the record of a run in version ${RUN.version}, ${found.damage}`, { path });
}

/** Writes the file again unless it is as `writeManifest` leaves it. Does nothing without a run. */
export function keepManifest(path: string, run: RunManifest | undefined): void {
  if (run !== undefined && !isFileText(path, stateText(RUN, run))) writeManifest(path, run);
}
