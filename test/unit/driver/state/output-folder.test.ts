import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { findOutput } from '../../../../src/driver/state/output-folder.ts';
import { UsageError } from '../../../../src/errors.ts';
import { workspaceAt } from '../../../../src/workspace/paths.ts';
import { canMount, SmallDisk } from '../../../fixtures/small-disk.ts';
import { inputFile } from '../../../fixtures/input-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

/** A folder with a state directory `files` in it, which is set up first. */
function place(make: (folder: string) => void = () => {}): {
  folder: string;
  find: (asked?: string) => string | undefined;
} {
  const folder = temporaryFolder();
  for (const name of ['files', 'in']) mkdirSync(join(folder, name));
  const inputs = [inputFile(folder, 'in/a.txt', 'a\n')];
  make(folder);
  const find = (asked?: string): string | undefined =>
    findOutput(
      asked === undefined || asked === '' ? asked : join(folder, asked),
      workspaceAt(join(folder, 'files')),
      inputs,
    );
  return { folder, find };
}

function make(path: string, text = ''): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

test('by default results are in the state directory; asking for that folder is the same', () => {
  const { find } = place((folder) => make(join(folder, 'files/out/notes.txt')));
  expect(find()).toBeUndefined();
  expect(find('files/out')).toBeUndefined();
  expect(find('files/../files/out/')).toBeUndefined();
});

test.for([
  ['is missing', 'results', () => {}],
  ['is missing with those above it', 'a/b/results', () => {}],
  ['is empty', 'results', (folder: string) => mkdirSync(join(folder, 'results'))],
  [
    'holds earlier results',
    'results',
    (folder: string) => {
      for (const name of ['out-0', 'out-01', 'skipped.ndjson']) make(join(folder, 'results', name));
    },
  ],
  ['is in the state directory under a name that runs have no use for', 'files/mine', () => {}],
] as const)('a folder that %s is accepted', ([, asked, before]) => {
  const { folder, find } = place(before);
  expect(find(asked)).toBe(join(folder, asked));
});

test('a link is followed: the folder that it leads to is replaced, and the link stays', () => {
  const { folder, find } = place((folder) => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    symlinkSync('../real', join(folder, 'files/out'));
  });
  expect(find('link')).toBe(join(folder, 'real'));
  expect(find()).toBe(join(folder, 'real'));
});

test.for([
  [
    'holds something else',
    'results',
    (folder: string) => make(join(folder, 'results/my notes.txt')),
    /found "my notes\.txt" in it/,
  ],
  [
    'holds a folder with our name',
    'results',
    (folder: string) => mkdirSync(join(folder, 'results/out-0'), { recursive: true }),
    /found "out-0" in it/,
  ],
  [
    'is a file',
    'results',
    (folder: string) => make(join(folder, 'results')),
    /expected a folder, found something else/,
  ],
  [
    'is below a file',
    'file/results',
    (folder: string) => make(join(folder, 'file')),
    /expected a folder above it, found that \S+file is not one|found ENOTDIR/,
  ],
  [
    'is a link to nothing',
    'results',
    (folder: string) => symlinkSync('nowhere', join(folder, 'results')),
    /found a link that leads nowhere/,
  ],
  [
    'is a link to itself',
    'results',
    (folder: string) => symlinkSync('results', join(folder, 'results')),
    /found ELOOP/,
  ],
  ['holds an input', 'in', () => {}, /expected a folder that holds no input, found in\/a\.txt in it/],
  ['holds the state directory', '.', () => {}, /found that it holds the state directory/],
  ['is the state directory', 'files', () => {}, /found that it holds the state directory/],
  ['is one of a run', 'files/chunks', () => {}, /found one that runs use for their own/],
  ['is in one of a run', 'files/history/mine', () => {}, /found one that runs use for their own/],
  ['is in the results', 'files/out/mine', () => {}, /found one that runs use for their own/],
  ['has the name of a state file', 'files/lock', () => {}, /found one that runs use for their own/],
  ['has the name of the file about the job', 'files/job.json', () => {}, /found one that runs use for their own/],
] as const)('a folder that %s is refused', ([, asked, before, message]) => {
  const { find } = place(before);
  expect(() => find(asked)).toThrow(UsageError);
  expect(() => find(asked)).toThrow(message);
});

test('an empty name is refused', () => {
  expect(() => place().find('')).toThrow(/expected the name of a folder, found none/);
});

test.runIf(canMount())('a mount point is refused with a way out; a folder in it is not', () => {
  const { folder, find } = place();
  using _disk = new SmallDisk(join(folder, 'disk'), 1 << 20);
  expect(() => find('disk')).toThrow(/found a mount point; name a folder in it, such as \S+disk\/out$/);
  expect(find('disk/out')).toBe(join(realpathSync(folder), 'disk/out'));
});
