import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  areInPlace,
  beginResults,
  clearResults,
  continueResults,
  dropAllWork,
  dropWork,
  outputName,
  outputPaths,
  publishResults,
  type Results,
  resultsOf,
} from '../../../src/workspace/result-set.ts';
import { type Workspace, workspaceAt } from '../../../src/workspace/paths.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const RUN = { id: '20260102T030405Z-abcdef', reduceCount: 2 };

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Each file below a folder, with its content. */
function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** A run that has committed its outputs, in a place where another one has left three, and the user other files. */
function built(): { workspace: Workspace; results: Results } {
  const workspace = workspaceAt(join(temporaryFolder(), 'files'));
  const results = resultsOf(workspace, RUN);
  for (const name of ['out-0', 'out-1', 'out-2', 'skipped.ndjson']) write(join(workspace.out, name), 'old');
  write(join(workspace.out, 'notes.txt'), 'mine');
  write(join(workspace.out, 'deep/out-0'), 'mine');
  beginResults(results);
  for (const path of outputPaths(results.building, 2)) write(path, 'new');
  return { workspace, results };
}

const PUBLISHED = { 'deep/out-0': 'mine', 'notes.txt': 'mine', 'out-0': 'new', 'out-1': 'new' };
const BEFORE = {
  'deep/out-0': 'mine',
  'notes.txt': 'mine',
  'out-0': 'old',
  'out-1': 'old',
  'out-2': 'old',
  'skipped.ndjson': 'old',
};

test('the names of outputs sort as text in the order of their tasks, for any number of them', () => {
  expect([1, 2, 10].map((count) => outputName(0, count))).toEqual(['out-0', 'out-0', 'out-0']);
  expect(outputPaths('', 11).slice(8)).toEqual(['out-08', 'out-09', 'out-10']);
  expect([outputName(7, 100), outputName(7, 101), outputName(99_999, 100_000)]).toEqual([
    'out-07',
    'out-007',
    'out-99999',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), (count) => {
      const paths = outputPaths('', count);
      expect(paths.toSorted()).toEqual(paths);
    }),
  );
});

test('published results replace those before, and foreign files stay', async () => {
  const { workspace, results } = built();
  expect(filesIn(workspace.out)).toEqual(BEFORE);
  await publishResults(results);
  expect(filesIn(workspace.out)).toEqual(PUBLISHED);
  dropWork(results);
  expect(readdirSync(workspace.dir)).toEqual(['out']);
});

test('the first results need not replace anything', async () => {
  const { workspace, results } = built();
  renameSync(workspace.out, join(workspace.dir, 'elsewhere'));
  await publishResults(results);
  expect(filesIn(workspace.out)).toEqual({ 'out-0': 'new', 'out-1': 'new' });
});

/** The states that a driver may leave if it dies while it publishes results. */
const BROKEN_OFF: readonly (readonly [string, (results: Results) => void])[] = [
  ['before it began', () => {}],
  ['when the old results were out of the way', ({ folder, work }) => renameSync(folder, join(work, 'old'))],
  [
    'when the new ones were in place',
    ({ folder, work, building }) => {
      renameSync(folder, join(work, 'old'));
      renameSync(building, folder);
    },
  ],
  [
    'when some of what is not ours was carried over',
    ({ folder, work, building }) => {
      renameSync(folder, join(work, 'old'));
      renameSync(building, folder);
      renameSync(join(work, 'old/notes.txt'), join(folder, 'notes.txt'));
    },
  ],
];

test.for(BROKEN_OFF)('after a driver that died %s, the publication is completed', async ([, leave]) => {
  const { workspace, results } = built();
  leave(results);
  await publishResults(results);
  await publishResults(results);
  expect(areInPlace(results)).toBe(true);
  expect(filesIn(workspace.out)).toEqual(PUBLISHED);
  dropWork(results);
  expect(readdirSync(workspace.dir)).toEqual(['out']);
});

test.for(BROKEN_OFF)(
  'if a driver died %s and the run is given up, one complete set of results is left',
  ([, leave]) => {
    const { workspace, results } = built();
    leave(results);
    const wasInPlace = areInPlace(results);
    dropAllWork(workspace, undefined);
    expect(filesIn(workspace.out)).toEqual(wasInPlace ? PUBLISHED : BEFORE);
    expect(readdirSync(workspace.dir)).toEqual(['out']);
  },
);

test('a half-written list of skipped records is not among the results', async () => {
  const { workspace, results } = built();
  write(join(results.building, 'skipped.ndjson.7.part'), 'half');
  continueResults(results, new Set(outputPaths(results.building, 2)));
  await publishResults(results);
  expect(filesIn(workspace.out)).toEqual(PUBLISHED);
});

test('a run that built its results elsewhere leaves nothing there when it is given up', () => {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  const last = { ...RUN, output: join(folder, 'elsewhere/results') };
  const results = resultsOf(workspace, last);
  beginResults(results);
  for (const path of outputPaths(results.building, 2)) write(path, 'new');
  dropAllWork(workspace, last);
  expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
});

test('a folder that took the place of the results meanwhile is carried over too', async () => {
  const { workspace, results } = built();
  renameSync(results.folder, join(results.work, 'old'));
  write(join(workspace.out, 'later.txt'), 'mine');
  await publishResults(results);
  expect(filesIn(workspace.out)).toEqual({ ...PUBLISHED, 'later.txt': 'mine' });
});

test('a folder or a file of the user whose name a result takes is kept under another name', async () => {
  const { workspace, results } = built();
  renameSync(join(workspace.out, 'out-1'), join(workspace.dir, 'aside'));
  write(join(workspace.out, 'out-1/inside.txt'), 'mine');
  await publishResults(results);
  expect(filesIn(workspace.out)).toEqual({ ...PUBLISHED, 'out-1.kept-1/inside.txt': 'mine' });
});

test('a foreign file in the place of the folder is kept beside it', async () => {
  const { workspace, results } = built();
  renameSync(workspace.out, join(workspace.dir, 'mine'));
  write(workspace.out, 'a file');
  await publishResults(results);
  await publishResults(results);
  expect(readFileSync(`${workspace.out}.kept-1`, 'utf8')).toBe('a file');
  expect(readdirSync(workspace.out)).toEqual(['out-0', 'out-1']);
});

test('the folder of the results keeps its permissions', async () => {
  const { results } = built();
  chmodSync(results.folder, 0o750);
  await publishResults(results);
  expect(statSync(results.folder).mode & 0o7777).toBe(0o750);
});

test('a resumed run keeps its committed results, and none of our other files', () => {
  const { results } = built();
  const [kept] = outputPaths(results.building, 2);
  write(join(results.building, 'skipped.ndjson'), 'half');
  continueResults(results, new Set([kept!]));
  expect(filesIn(results.building)).toEqual({ 'out-0': 'new' });
});

test("clearing the results leaves the user's files and folders, and the targets of links", () => {
  const { workspace } = built();
  write(join(workspace.dir, 'theirs.txt'), 'mine');
  symlinkSync(join(workspace.dir, 'theirs.txt'), join(workspace.out, 'out-3'));
  write(join(workspace.out, 'out-1 (copy)'), 'mine');
  write(join(workspace.out, 'out-7/inside.txt'), 'mine');
  clearResults(workspace);
  expect(Object.keys(filesIn(workspace.out))).toEqual(['deep/out-0', 'notes.txt', 'out-1 (copy)', 'out-7/inside.txt']);
  expect(existsSync(join(workspace.dir, 'theirs.txt'))).toBe(true);
});
