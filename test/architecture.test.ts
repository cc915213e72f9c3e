// Checks every file in src/ against the import table of ARCHITECTURE.md, and against a few other rules.
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

import { expect, test } from 'vitest';

interface SourceFile {
  /** The path below src/, such as `driver/loop.ts`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

/** The imports that are allowed for each part, a file or a folder at the top of src/. `part (types)`: only types. */
const table: Record<string, readonly string[]> = {
  'exit-codes': [],
  errors: ['exit-codes'],
  bytes: [],
  'task-ids': [],
  protocol: [],
  options: ['protocol', 'described-value', 'errors'],
  'run-event': [],
  'run-result': [],
  'described-value': ['bytes'],
  reducers: ['described-value'],
  machine: ['errors'],
  wire: ['protocol', 'machine', 'errors'],
  workspace: ['protocol', 'machine', 'errors'],
  kernel: ['bytes'],
  formats: ['bytes', 'described-value', 'kernel', 'machine', 'errors'],
  job: ['formats', 'bytes'],
  'job-loading': ['job', 'errors'],
  index: ['job', 'formats', 'bytes', 'reducers', 'errors'],
  jobs: ['index'],
  shuffle: ['bytes', 'described-value', 'kernel', 'machine', 'errors'],
  tasks: [
    'job',
    'job-loading',
    'formats',
    'bytes',
    'described-value',
    'reducers',
    'kernel',
    'shuffle',
    'workspace',
    'machine',
    'task-ids',
    'protocol',
    'errors',
  ],
  worker: ['tasks', 'wire', 'workspace', 'machine', 'task-ids', 'protocol', 'errors'],
  scheduler: ['protocol (types)', 'task-ids'],
  driver: ['scheduler', 'formats', 'job-loading', 'workspace', 'wire', 'machine', 'task-ids', 'protocol', 'errors'],
  view: ['scheduler', 'task-ids', 'protocol'],
  api: ['view', 'files', 'task-ids'],
  files: ['view', 'scheduler (types)', 'task-ids', 'machine', 'errors'],
  page: ['view', 'scheduler (types)', 'task-ids'],
  sample: ['driver', 'tasks', 'job', 'formats'],
  engine: [
    'scheduler (types)',
    'driver',
    'tasks',
    'sample',
    'inspect',
    'view',
    'api',
    'files',
    'options',
    'run-event',
    'run-result',
    'job',
    'job-loading',
    'formats',
    'bytes',
    'shuffle',
    'workspace',
    'machine',
    'protocol',
    'errors',
    'exit-codes',
  ],
  inspect: ['scheduler (types)', 'driver', 'formats', 'bytes', 'shuffle', 'workspace', 'machine', 'errors'],
  'run-job': ['engine', 'driver', 'view', 'options', 'job', 'described-value', 'run-event', 'run-result', 'errors'],
  host: [
    'engine',
    'sample',
    'worker',
    'tasks',
    'driver',
    'job',
    'job-loading',
    'formats',
    'machine',
    'protocol',
    'errors',
  ],
  terminal: ['engine', 'inspect', 'driver', 'view', 'options', 'job-loading', 'machine', 'errors', 'exit-codes'],
  cli: [
    'engine',
    'inspect',
    'terminal',
    'driver',
    'worker',
    'view',
    'files',
    'options',
    'job-loading',
    'workspace',
    'wire',
    'machine',
    'protocol',
    'errors',
    'exit-codes',
  ],
};

/** The module that loads the user's code, and the parts that may import it: the driver's process loads no job. */
const LOADS_JOBS = 'job-loading/load-job.ts';
const MAY_LOAD_JOBS: ReadonlySet<string> = new Set(['job-loading', 'tasks', 'host']);

/** The names under which src/ may import the package itself. */
const ownName: Record<string, string> = { 'http-mapreduce': 'index.ts', 'http-mapreduce/run': 'run-job.ts' };

/** The layout of the table in ARCHITECTURE.md. */
const TABLE_INDENT = 16;
const TABLE_WIDTH = 118;

/** Far above what a file with one subject has: nobody should need to press lines together for it. */
const maxLineCount = 400;
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

  'only tasks and the job host load a job': ({ path, text }) =>
    importsOf(text)
      .filter(({ specifier }) => targetOf(path, specifier) === LOADS_JOBS && !MAY_LOAD_JOBS.has(partOf(path)))
      .map(({ specifier }) => `imports '${specifier}': ask the job host, whose thread the user's code runs in`),

  'no two files have the same name': ({ path }) =>
    sourcePaths()
      .filter((other) => other !== path && posix.basename(other) === posix.basename(path))
      .map((other) => `has the name of src/${other}: call each by what it does`),

  'the scheduler imports nothing with side effects': ({ path, text }) =>
    importsOf(text)
      .filter(({ specifier }) => partOf(path) === 'scheduler' && targetOf(path, specifier) === undefined)
      .map(({ specifier }) => `imports '${specifier}': do that in the driver, and let it arrive here as an event`),

  'relative imports end in .ts': ({ text }) =>
    importsOf(text)
      .filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.ts'))
      .map(({ specifier }) => `imports '${specifier}': write the file name, with .ts`),

  [`no file has more than ${maxLineCount} lines`]: ({ text }) => {
    const lineCount = text.trimEnd().split('\n').length;
    return lineCount > maxLineCount
      ? [`has ${lineCount} lines: find the second thing it does, and give it a file`]
      : [];
  },

  'file names describe what a file does': ({ path }) => {
    const [, name] = emptyNames.exec(path) ?? [];
    return name === undefined ? [] : [`is named '${name}', which is too vague: name it after what it does`];
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
    others.map((other) => `${part}: ${other.replace(' (types)', '')}`),
  );
  expect(allowed.filter((pair) => !needed.has(pair))).toEqual([]);
});

test('ARCHITECTURE.md has the import table', () => {
  const document = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8');
  const [, block] = /## Imports\n[^`]*`[^]*?\n```\n([^]*?)\n```/.exec(document) ?? [];
  expect(block, 'the block of code below "Imports"').toBe(Object.entries(table).map(tableLine).join('\n'));
});

test('no file imports another in a circle, types included', () => {
  const files = sourceFiles();
  const imports = new Map(
    files.map(({ path, text }) => [path, importsOf(text).flatMap(({ specifier }) => targetOf(path, specifier) ?? [])]),
  );
  expect(files.flatMap(({ path }) => circleThrough(path, imports))).toEqual([]);
});

test('no two files export one name', () => {
  const exporters = new Map<string, Set<string>>();
  for (const { path, text } of sourceFiles()) {
    const names = text.matchAll(/^export (?:abstract |async )*(?:class|interface|type|function\*?|const) (\w+)/gm);
    for (const [, name = ''] of names) exporters.set(name, (exporters.get(name) ?? new Set()).add(path));
  }
  const shared = [...exporters].filter(([, paths]) => paths.size > 1);
  expect(shared.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toEqual([]);
});

/** Words that have one meaning, and what must not be called by them. */
const WORDS: Readonly<Record<string, RegExp>> = {
  'run, which is an execution only: say sorted file':
    /\bRun(?:Reader|Writer|Merge|Format)\b|\bWrittenRun\b|\brun files?\b|MRRUN/,
  'place, which is a record or key only: say address, path or mark':
    /\bKeyPlace\b|\breadPlace\b|\bplace marks? of a key\b/,
  'Told, telling: name what is printed, logged or known': /\bTold\b|\b[Tt]elling\b/,
};

test.for(Object.entries(WORDS))('a word has one meaning: %s', ([, other]) => {
  const found = sourceFiles().flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (other.test(line) ? [`src/${path}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
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
  ['a part imports only what the table allows', 'index.ts', "export * from './run-job.ts';"],
  ['a part imports only what the table allows', 'errors.ts', "import './job.ts';"],
  ['a part imports only what the table allows', 'cli/a.ts', "import '../scheduler/state.ts';"],
  ['a part imports only what the table allows', 'driver/a.ts', "import { defineJob } from 'http-mapreduce';"],
  ['a part imports only what the table allows', 'scheduler/a.ts', "import { schema } from '../protocol.ts';"],
  ['a part imports only what the table allows', 'driver/a.ts', "import { seed } from '../../test/simulation/seed.ts';"],
  ['the scheduler imports nothing with side effects', 'scheduler/a.ts', "import { now } from 'node:perf_hooks';"],
  ['the scheduler imports nothing with side effects', 'scheduler/a.ts', "import type { Pool } from 'undici';"],
  ['only tasks and the job host load a job', 'engine/a.ts', "import { loadJob } from '../job-loading/load-job.ts';"],
  ['no two files have the same name', 'driver/narrator.ts', ''],
  ['relative imports end in .ts', 'driver/a.ts', "import { b } from './b';"],
  [`no file has more than ${maxLineCount} lines`, 'driver/a.ts', 'a;\n'.repeat(maxLineCount + 1)],
  ['file names describe what a file does', 'driver/error-handler.ts', ''],
  ['file names describe what a file does', 'utils/text.ts', ''],
] as const)('the check finds a breach of the rule: %s (%s %.80s)', ([rule, path, text]) => {
  expect(breaches(rule, [{ path, text }])).toHaveLength(1);
});

test('allowed imports are not reported as breaches', () => {
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

const SOURCE = new URL('../src/', import.meta.url);

function sourceFiles(): SourceFile[] {
  return sourcePaths().map((path) => ({ path, text: readFileSync(new URL(path, SOURCE), 'utf8') }));
}

function sourcePaths(): string[] {
  return (
    globSync('**/*.ts', { cwd: SOURCE })
      .map((path) => path.replaceAll('\\', '/'))
      // The kernel's source is AssemblyScript, and a separate part.
      .filter((path) => !path.startsWith('kernel/assembly/'))
      .toSorted()
  );
}

function partOf(path: string): string {
  return path.split('/')[0]!.replace(/\.ts$/, '');
}

/** Returns the file below src/ that an import refers to; undefined for a package or a Node built-in. */
function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : ownName[specifier];
}

/** Returns every `import` and `export … from` with its specifier. Comments fill whole lines here, so those lines are removed. */
function importsOf(text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, '');
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*{][^'";]*?\bfrom\s*)?(['"])([^'"]+)\2/gm);
  const calls = code.matchAll(/\bimport\(\s*(['"])([^'"]+)\1/g);
  return [
    ...Array.from(statements, ([, type, , specifier]) => ({ specifier: specifier!, typesOnly: type !== undefined })),
    ...Array.from(calls, ([, , specifier]) => ({ specifier: specifier!, typesOnly: false })),
  ];
}

/** One part and what it may import, as in ARCHITECTURE.md: wrapped, in two columns. */
function tableLine([part, others]: [string, readonly string[]]): string {
  const [first, ...rest] = (others.length === 0 ? ['nothing'] : others).map((name, index) =>
    index < others.length - 1 ? `${name}, ` : name,
  );
  const lines = [`${part.padEnd(TABLE_INDENT)}${first}`];
  for (const name of rest) {
    if (lines.at(-1)!.length + name.trimEnd().length <= TABLE_WIDTH) lines.push(lines.pop()! + name);
    else lines.push(`${' '.repeat(TABLE_INDENT)}${name}`);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The shortest way from a file back to itself, as one line; nothing if there is none. */
function circleThrough(start: string, imports: ReadonlyMap<string, readonly string[]>): string[] {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of imports.get(way.at(-1)!) ?? []) {
      if (next === start) return [[...way, start].join(' → ')];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return [];
}

function cyclesFrom(way: readonly string[]): string[] {
  return (table[way.at(-1)!] ?? [])
    .map((part) => part.replace(' (types)', ''))
    .flatMap((part) =>
      part === way[0] ? [[...way, part].join(' → ')] : way.includes(part) ? [] : cyclesFrom([...way, part]),
    );
}
