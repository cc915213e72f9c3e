// Holds the documents to what is there: the files that they name, the links between them, and the flags of commands.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

interface Document {
  /** Below the root, as in `docs/files.md`. */
  readonly path: string;
  readonly text: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TREE = 'ARCHITECTURE.md';

/** A path below a folder of the repository. What a build makes is elsewhere. */
const PATH = /(?<![\w./-])(?:src|test|tools|bin|inputs|docs|\.ci)\/[\w./-]*/g;
const FLAG = /(?<![\w-])--[a-z][a-z-]*[a-z]/g;
/** Where the flags of our commands are declared, as text. */
const FLAG_SOURCES = ['src/{cli,options,terminal/arguments}/**/*.ts', 'test/{bench,chaos,simulation}/main.ts'];
/** Of vitest, and of nearly every command. */
const FOREIGN_FLAGS = ['--project', '--help'];
/** The flags of our commands. */
const knownFlags = new Set([
  ...FOREIGN_FLAGS,
  ...filesOf(FLAG_SOURCES).flatMap((path) => textOf(path).match(FLAG) ?? []),
]);

/** What is wrong with a document, per rule. */
const rules: Record<string, (document: Document) => string[]> = {
  'every file and folder that is named exists': ({ text }) =>
    [...new Set(text.match(PATH)?.map((path) => path.replace(/[./-]+$/, '')))].filter(
      (path) => !existsSync(join(ROOT, path)),
    ),

  'every link within the repository leads somewhere': ({ path, text }) =>
    Array.from(withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !leadsSomewhere(path, text, target)),

  'every flag is one of a command': ({ text }) =>
    [...new Set(text.match(FLAG))].filter((flag) => !knownFlags.has(flag)),
};

test.for(Object.keys(rules))('%s', (rule) => {
  const documents = filesOf(['{README,ARCHITECTURE,CONTRIBUTING}.md', 'docs/**/*.md']);
  expect(documents.length).toBeGreaterThan(3);
  const breaches = documents.flatMap((path) =>
    rules[rule]!({ path, text: textOf(path) }).map((found) => `${path}: ${found}`),
  );
  expect(breaches, 'each line: document, what it names').toEqual([]);
});

test.for([
  ['every file and folder that is named exists', 'see `src/driver/nothing.ts`'],
  ['every link within the repository leads somewhere', '[a](nothing.md)'],
  ['every link within the repository leads somewhere', '# A b\n[a](#b)'],
  ['every link within the repository leads somewhere', '[a](../README.md#nothing)'],
  ['every flag is one of a command', 'with `--nothing`'],
] as const)('a breach is found of: %s (%s)', ([rule, text]) => {
  expect(rules[rule]!({ path: 'docs/a.md', text })).toHaveLength(1);
});

test('what exists is no breach', () => {
  const text = '# A `b`: c\n`src/driver`, test/unit/, [a](#a-b-c), [b](files.md#the-journal), [c](https://a.b), --maps';
  expect(Object.values(rules).flatMap((rule) => rule({ path: 'docs/a.md', text }))).toEqual([]);
});

test(`the tree in ${TREE} has every folder of src/ and test/, and nothing that does not exist`, () => {
  const tree = pathsOfTree(textOf(TREE));
  expect(tree.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  const folders = filesOf(['src/*', 'test/*', 'src/{driver,shuffle,formats,view}/*']).filter((path) =>
    statSync(join(ROOT, path)).isDirectory(),
  );
  expect(folders.filter((path) => !tree.includes(path))).toEqual([]);
});

function filesOf(patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
}

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** `text` is that of the document that has the link. */
function leadsSomewhere(document: string, text: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = posix.join(posix.dirname(document), path);
  if (path !== '' && !existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(path === '' ? text : textOf(target)).includes(anchor);
}

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The paths in the block of code below "The tree". Lines are indented by folder, and may name several paths. */
function pathsOfTree(text: string): string[] {
  const [, block = ''] = /## The tree\n[^`]*```\n([^]*?)\n```/.exec(text) ?? [];
  const folders: string[] = [];
  return block.split('\n').flatMap((line) => {
    const [, indent = '', names = ''] = /^( *)((?:[\w.-]+\/?(?:, )?)+)/.exec(line) ?? [];
    const depth = indent.length / 2;
    folders[depth] = names;
    const parent = folders.slice(0, depth).join('');
    return names.split(', ').map((name) => `${parent}${name}`.replace(/\/$/, ''));
  });
}
