// Finds files that a successful run should not have left in its directories.

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Surroundings } from './surroundings.ts';

const RUN = String.raw`\d{8}T\d{6}Z-[0-9a-f]{6}`;
/** Paths below the state directory. Waiting workers describe themselves in a file there. */
const STATE = new RegExp(
  [
    String.raw`^(chunks(/chunk_\d+\.msgpack)?`,
    String.raw`intermediate(/mr-\d+)?`,
    `history(/${RUN}(/(journal\\.ndjson|report\\.html))?)?`,
    'out(/.*)?',
    String.raw`(run|job|workers)\.json`,
    'token)$',
  ].join('|'),
);
const RESULTS = /^(out-\d+|notes\.txt)$/;

/** Returns the paths of files that should not have been left. */
export function leftovers({ state, results, temporary, obstacles }: Surroundings): string[] {
  const beside = dirname(results.folder);
  return [
    ...entriesOf(state).filter((path) => !STATE.test(path.slice(state.length + 1))),
    ...entriesOf(results.folder).filter((path) => !RESULTS.test(path.slice(results.folder.length + 1))),
    ...(beside === state ? [] : namesIn(beside).filter((path) => path.includes('/.mapreduce-'))),
    ...entriesOf(temporary),
  ].filter((path) => !obstacles.concern(path));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function entriesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
}
