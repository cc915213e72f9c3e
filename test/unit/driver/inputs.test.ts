import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { findInputs } from '../../../src/driver/inputs.ts';
import { UsageError } from '../../../src/errors.ts';
import { workspaceAt } from '../../../src/workspace.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

/** A folder with these files, each of which holds its name. */
function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, name), name);
  return folder;
}

function namesOf(folder: string, ...patterns: string[]): string[] {
  const found = findInputs(
    patterns.map((pattern) => join(folder, pattern)),
    workspaceAt(join(folder, 'files')),
  );
  return found.map(({ file }) => file.slice(folder.length + 1));
}

test('a pattern is its files, sorted by the bytes of their names', () => {
  const folder = folderWith('b.txt', 'a.txt', 'Z.txt', 'ä.txt', 'other.md');
  expect(namesOf(folder, '*.txt')).toEqual(['Z.txt', 'a.txt', 'b.txt', 'ä.txt']);
});

test('inputs come in the order given, each once', () => {
  const folder = folderWith('a.txt', 'b.txt', 'c.txt');
  expect(namesOf(folder, 'c.txt', '*.txt', 'a.txt')).toEqual(['c.txt', 'a.txt', 'b.txt']);
});

test('a path that exists is meant as it stands, also where it looks like a pattern', () => {
  const folder = folderWith('[ab].txt', 'a.txt', 'b.txt');
  expect(namesOf(folder, '[ab].txt')).toEqual(['[ab].txt']);
});

test('an input says its size and where it is', () => {
  const folder = folderWith('a.txt');
  const [input] = findInputs([join(folder, 'a.txt')], workspaceAt(join(folder, 'files')));
  expect(input).toMatchObject({ path: join(folder, 'a.txt'), sizeBytes: 5 });
});

test('a pattern that matches nothing is a UsageError', () => {
  const folder = folderWith();
  expect(() => namesOf(folder, '*.txt')).toThrow(UsageError);
  expect(() => namesOf(folder, '*.txt')).toThrow('found no match');
});

test('a folder is a UsageError that says what to type instead', () => {
  const folder = folderWith();
  mkdirSync(join(folder, 'texts'));
  expect(() => namesOf(folder, 'texts')).toThrow(UsageError);
  expect(() => namesOf(folder, 'texts')).toThrow("texts/*'");
});

test('a device is a UsageError', () => {
  expect(() => findInputs(['/dev/null'], workspaceAt(temporaryFolder()))).toThrow(UsageError);
});

test('a link that leads nowhere is a UsageError', () => {
  const folder = folderWith();
  symlinkSync(join(folder, 'none'), join(folder, 'link.txt'));
  expect(() => namesOf(folder, '*.txt')).toThrow(UsageError);
});

test.skipIf(process.getuid?.() === 0)('a file that must not be read is a UsageError', () => {
  const folder = folderWith('secret.txt');
  chmodSync(join(folder, 'secret.txt'), 0);
  expect(() => namesOf(folder, 'secret.txt')).toThrow('no permission');
});

test('a file that the run would remove is a UsageError, also through a link; one beside it is an input', () => {
  const folder = folderWith();
  const { out } = workspaceAt(join(folder, 'files'));
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'out-0'), 'text');
  writeFileSync(join(out, 'notes.txt'), 'text');
  symlinkSync(join(out, 'out-0'), join(folder, 'link'));
  expect(() => namesOf(folder, 'files/out/out-0')).toThrow(UsageError);
  expect(() => namesOf(folder, 'link')).toThrow('a file of the last run');
  expect(namesOf(folder, 'files/out/notes.txt')).toEqual(['files/out/notes.txt']);
});
