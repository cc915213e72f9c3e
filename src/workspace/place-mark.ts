// The place mark of a careful attempt: a file that says which record the attempt is about to run. It outlives the worker's
// process, so that a crash shows which record caused it.

import * as v from 'valibot';

import { Place } from '../protocol.ts';
import { readIfWhole, type StateFileKind, stateText } from './state-file.ts';

const PLACE: StateFileKind<{ place: Place }> = {
  kind: 'place',
  version: 1,
  mostBytes: 64 << 10,
  content: v.object({ place: Place }),
};

/** The line that a careful attempt writes, over the line before. */
export function placeMarkLine(place: Place): string {
  return stateText(PLACE, { place });
}

/** The place in a mark; undefined if there is no mark, or if the end of the process has torn it. */
export function readPlaceMark(path: string): Place | undefined {
  return readIfWhole(PLACE, path)?.place;
}
