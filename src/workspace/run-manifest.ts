// Two state files that driver and workers share: which run the files belong to, and where a careful attempt is.

import * as v from 'valibot';

import { CorruptError } from '../errors.ts';
import { MOST_TASKS, Place } from '../protocol.ts';
import { isFileText } from '../machine/regular-file.ts';
import { readIfWhole, readStateFile, type StateFileKind, stateText, writeStateFile } from './state-file.ts';

const taskCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_TASKS));
/** Checked at once, because there may be a hundred thousand. */
const keys = v.custom<readonly string[]>(
  (input) => Array.isArray(input) && input.every((key) => typeof key === 'string'),
);

/**
 * What `run.json` says. Workers read it. A driver writes it and never reads it: the journal says what the run is.
 */
const RunRecord = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  job: v.string(),
  mapCount: taskCount,
  reduceCount: taskCount,
  /** If keys are partitioned by range: the first key of each partition but the first, in base64. */
  firstKeys: v.optional(keys),
  /** The absolute path of the folder of the results, if it is not the one in the state directory. */
  output: v.optional(v.pipe(v.string(), v.nonEmpty())),
});
export type RunRecord = v.InferOutput<typeof RunRecord>;

/** First keys are cut so that all of them fit (`sample/cut-ranges.ts`). */
const RUN: StateFileKind<RunRecord> = { kind: 'run', version: 1, mostBytes: 16 << 20, content: RunRecord };

const PLACE: StateFileKind<{ place: Place }> = {
  kind: 'place',
  version: 1,
  mostBytes: 64 << 10,
  content: v.object({ place: Place }),
};

/** @throws SystemError if the machine refuses */
export function writeRun(path: string, run: RunRecord): void {
  writeStateFile(RUN, path, run, { synced: true });
}

/**
 * The run that the files belong to; undefined if none is named.
 * @throws CorruptError if the file is damaged; SystemError if the machine refuses to read it
 */
export function readRun(path: string): RunRecord | undefined {
  const found = readStateFile(RUN, path);
  if (found === undefined || 'content' in found) return found?.content;
  throw new CorruptError(`${path}: expected the record of a run in version ${RUN.version}, ${found.damage}`, { path });
}

/** Sees to it that the file is what `writeRun` makes of a run, whatever has become of it. Does nothing without a run. */
export function keepRun(path: string, run: RunRecord | undefined): void {
  if (run !== undefined && !isFileText(path, stateText(RUN, run))) writeRun(path, run);
}

/** A place as a careful attempt writes it, over the one before. */
export function placeLine(place: Place): string {
  return stateText(PLACE, { place });
}

/** What an attempt has left at its `place`; undefined if that is nothing, or was torn by the end of its process. */
export function readPlace(path: string): Place | undefined {
  return readIfWhole(PLACE, path)?.place;
}
