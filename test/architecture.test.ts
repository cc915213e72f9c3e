// The import table of ARCHITECTURE.md, and the few rules of the tree that come with it, held over every file in src/.
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

import { expect, test } from 'vitest';

interface SourceFile {
  /** Below src/, as in `driver/loop.ts`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

/** What each part, a file or a folder at the top of src/, may import besides itself. `part (types)`: as types only. */
const table: Record<string, readonly string[]> = {
  errors: [],
  bytes: [],
  patience: [],
  limits: [],
  found: ['bytes'],
  protocol: [],
  'refused-call': ['errors'],
  'refused-write': ['refused-call', 'errors'],
  state: ['protocol', 'refused-call', 'refused-write', 'errors'],
  'http-server': ['protocol', 'errors', 'wire'],
  workspace: ['errors', 'protocol (types)', 'state'],
  results: ['workspace', 'state'],
  reducers: ['found'],
  wire: ['protocol', 'patience', 'errors'],
  kernel: ['bytes'],
  formats: ['bytes', 'found', 'kernel', 'errors', 'state'],
  job: ['formats', 'bytes'],
  'job-files': ['errors'],
  intrinsics: [],
  'module-graph': [],
  'job-environment': [],
  'job-loading': ['job', 'job-files', 'intrinsics', 'module-graph', 'errors'],
  index: ['job', 'formats', 'bytes', 'reducers', 'errors'],
  jobs: ['index'],
  shuffle: ['bytes', 'found', 'kernel', 'limits', 'refused-call', 'refused-write', 'errors'],
  tasks: [
    'intrinsics',
    'job',
    'job-environment',
    'job-loading',
    'module-graph',
    'formats',
    'bytes',
    'found',
    'reducers',
    'kernel',
    'shuffle',
    'results',
    'workspace',
    'state',
    'refused-call',
    'refused-write',
    'protocol',
    'errors',
  ],
  worker: ['tasks', 'http-server', 'patience', 'limits', 'wire', 'state', 'protocol', 'refused-call', 'errors'],
  scheduler: ['protocol (types)'],
  driver:
    'scheduler formats job-environment module-graph results workspace state refused-call refused-write http-server wire protocol errors patience'.split(
      ' ',
    ),
  options: [],
  view: ['scheduler', 'protocol'],
  api: ['view', 'files'],
  files: ['view', 'scheduler (types)', 'state', 'errors'],
  page: ['view', 'scheduler (types)'],
  engine: [
    'scheduler (types)',
    ...'driver tasks view api files options sample job job-environment job-files module-graph formats bytes shuffle results workspace refused-call protocol errors patience limits'.split(
      ' ',
    ),
  ],
  sample: 'driver tasks job formats'.split(' '),
  inspect: [
    'scheduler (types)',
    ...'driver formats bytes shuffle workspace state refused-call refused-write errors'.split(' '),
  ],
  terminal: [
    'scheduler (types)',
    ...'engine inspect driver view files options job-files protocol refused-call errors'.split(' '),
  ],
  host: 'engine sample worker tasks driver intrinsics job job-environment job-loading formats protocol refused-call errors'.split(
    ' ',
  ),
  run: ['engine'],
  // Anything but the scheduler, shuffle, tasks, and what loads a job.
  cli: 'run engine inspect driver worker terminal options view api files jobs index job job-files reducers formats results workspace http-server wire protocol refused-call errors'.split(
    ' ',
  ),
};

/** The names under which src/ may import the package itself. */
const ownName: Record<string, string> = { 'http-mapreduce': 'index.ts', 'http-mapreduce/run': 'run.ts' };

const maxLineCount = 300;
const emptyNames = /(?:^|[/.-])(utils?|helpers?|common|managers?|handlers?|services?|misc)(?=$|[/.-])/;

const rules: Record<string, (file: SourceFile) => string[]> = {
  'every part is in the import table': ({ path }) =>
    partOf(path) in table ? [] : [`src/ has a part that the table lacks: add a line for '${partOf(path)}'`],

  'a part imports only what the table allows': ({ path, text }) =>
    importsOf(text).flatMap(({ specifier, typesOnly }) => {
      const from = partOf(path);
      const target = targetOf(path, specifier);
      if (target === undefined) return [];
      if (target.startsWith('..')) return [`imports '${specifier}', outside src/: move what it needs into src/`];
      const to = partOf(target);
      const allowed = table[from] ?? [];
      if (to === from || allowed.includes(to) || (typesOnly && allowed.includes(`${to} (types)`))) return [];
      if (allowed.includes(`${to} (types)`)) return [`imports '${specifier}' as a value: write \`import type\``];
      return [
        `imports '${specifier}': ${from} may import ${allowed.join(', ') || 'nothing'}, not ${to}: ` +
          'move the code to the part that may, or pass the value in',
      ];
    }),

  'the scheduler imports nothing that can happen': ({ path, text }) =>
    importsOf(text)
      .filter(({ specifier }) => partOf(path) === 'scheduler' && targetOf(path, specifier) === undefined)
      .map(({ specifier }) => `imports '${specifier}': do that in the driver, and let it arrive here as an event`),

  'relative imports end in .ts': ({ text }) =>
    importsOf(text)
      .filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.ts'))
      .map(({ specifier }) => `imports '${specifier}': write the file name, with .ts`),

  [`no file is above ${maxLineCount} lines`]: ({ text }) => {
    const lineCount = text.trimEnd().split('\n').length;
    return lineCount > maxLineCount
      ? [`has ${lineCount} lines: find the second thing it does, and give it a file`]
      : [];
  },

  'names say what a thing does': ({ path }) => {
    const [, name] = emptyNames.exec(path) ?? [];
    return name === undefined ? [] : [`is named '${name}', which says nothing: name it after what it does`];
  },
};

test.for(Object.keys(rules))('%s', (rule) => {
  expect(breaches(rule, sourceFiles()), 'each line: file, what is wrong, what to do').toEqual([]);
});

test('the import table allows nothing that no file needs', () => {
  const needed = new Set(
    sourceFiles().flatMap(({ path, text }) =>
      importsOf(text).map(({ specifier }) => `${partOf(path)}: ${partOf(targetOf(path, specifier) ?? '')}`),
    ),
  );
  const allowed = Object.entries(table).flatMap(([part, others]) =>
    // The command line may have what it likes.
    part === 'cli' ? [] : others.map((other) => `${part}: ${other.replace(' (types)', '')}`),
  );
  expect(allowed.filter((pair) => !needed.has(pair))).toEqual([]);
});

test('the import table has no cycle', () => {
  expect(Object.keys(table).flatMap((part) => cyclesFrom([part]))).toEqual([]);
});

test.for([
  ['every part is in the import table', 'cache/lru.ts', ''],
  ['a part imports only what the table allows', 'driver/a.ts', "import { run } from '../worker/main.ts';"],
  ['a part imports only what the table allows', 'driver/a.ts', "import type {\n  A,\n  B,\n} from '../tasks/map.ts';"],
  ['a part imports only what the table allows', 'driver/a.ts', "  const a = await import('../worker/main.ts');"],
  ['a part imports only what the table allows', 'driver/a.ts', "let a: import('../worker/main.ts').A;"],
  ['a part imports only what the table allows', 'index.ts', "export * from './run.ts';"],
  ['a part imports only what the table allows', 'errors.ts', "import './job.ts';"],
  ['a part imports only what the table allows', 'cli/a.ts', "import '../scheduler/state.ts';"],
  ['a part imports only what the table allows', 'driver/a.ts', "import { defineJob } from 'http-mapreduce';"],
  ['a part imports only what the table allows', 'scheduler/a.ts', "import { schema } from '../protocol.ts';"],
  ['a part imports only what the table allows', 'driver/a.ts', "import { seed } from '../../test/simulation/seed.ts';"],
  ['the scheduler imports nothing that can happen', 'scheduler/a.ts', "import { now } from 'node:perf_hooks';"],
  ['the scheduler imports nothing that can happen', 'scheduler/a.ts', "import type { Pool } from 'undici';"],
  ['relative imports end in .ts', 'driver/a.ts', "import { b } from './b';"],
  [`no file is above ${maxLineCount} lines`, 'driver/a.ts', 'a;\n'.repeat(maxLineCount + 1)],
  ['names say what a thing does', 'driver/error-handler.ts', ''],
  ['names say what a thing does', 'utils/text.ts', ''],
] as const)('a breach is found of: %s (%s %.80s)', ([rule, path, text]) => {
  expect(breaches(rule, [{ path, text }])).toHaveLength(1);
});

test('what is allowed is no breach', () => {
  const text = `
    // import('../worker/main.ts') in a comment
    const files = ['src/**/*.ts', '../worker/main.ts'];
    import('./b.ts');
`;
  const allowed = `import type { Event } from '../protocol.ts';\nimport { next } from './next.ts';\n${text}`;
  expect(Object.keys(rules).flatMap((rule) => breaches(rule, [{ path: 'scheduler/a.ts', text: allowed }]))).toEqual([]);
});

function breaches(rule: string, files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => rules[rule]!(file).map((problem) => `src/${file.path} ${problem}`));
}

function sourceFiles(): SourceFile[] {
  const root = new URL('../src/', import.meta.url);
  return (
    globSync('**/*.ts', { cwd: root })
      .map((path) => path.replaceAll('\\', '/'))
      // The kernel's source is AssemblyScript, and a part by itself.
      .filter((path) => !path.startsWith('kernel/assembly/'))
      .toSorted()
      .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }))
  );
}

function partOf(path: string): string {
  return path.split('/')[0]!.replace(/\.ts$/, '');
}

/** The file below src/ that an import means, or undefined for a package or a Node built-in. */
function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : ownName[specifier];
}

/** Every `import` and `export … from` with its specifier. Comments are whole lines in this code base, so lines go. */
function importsOf(text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, '');
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*{][^'";]*?\bfrom\s*)?(['"])([^'"]+)\2/gm);
  const calls = code.matchAll(/\bimport\(\s*(['"])([^'"]+)\1/g);
  return [
    ...Array.from(statements, ([, type, , specifier]) => ({ specifier: specifier!, typesOnly: type !== undefined })),
    ...Array.from(calls, ([, , specifier]) => ({ specifier: specifier!, typesOnly: false })),
  ];
}

function cyclesFrom(way: readonly string[]): string[] {
  return (table[way.at(-1)!] ?? [])
    .map((part) => part.replace(' (types)', ''))
    .flatMap((part) =>
      part === way[0] ? [[...way, part].join(' → ')] : way.includes(part) ? [] : cyclesFrom([...way, part]),
    );
}
