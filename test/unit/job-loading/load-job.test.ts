import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import type { AnyJob, ParamSpecs } from '../../../src/job.ts';
import { builtInJobs, findJob } from '../../../src/job-loading/find-job.ts';
import { loadJob, readParams } from '../../../src/job-loading/load-job.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

/** Writes a file into a new folder and returns its path. */
function fileWith(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The error of loading a file. */
async function failureOf(path: string): Promise<UsageError> {
  const error = await loadJob(path).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

function jobWith(params?: ParamSpecs): AnyJob {
  return { name: 'test', map: () => {}, reduce: () => {}, ...(params === undefined ? {} : { params }) };
}

const GOOD = "{ name: 'good', map() {}, reduce() {} }";

test('every built-in job is found by its name, and loads', async () => {
  const names = builtInJobs();
  expect(names).toContain('word-count');
  expect(names).toEqual(names.toSorted());
  for (const name of names) {
    const job = await loadJob(findJob(name));
    expect(job.name).toBe(name);
    expect(job.description).toMatch(/\w/);
  }
});

test.for([
  ['wordcount', 'word-count'],
  ['word_count', 'word-count'],
  ['indxer', 'indexer'],
  ['inverted', 'inverted-index'],
  ['GREP', 'grep'],
] as const)('the error about an unknown job names a similar one: %s', ([name, nearest]) => {
  expect(() => findJob(name)).toThrow(UsageError);
  expect(() => findJob(name)).toThrow(nearest);
});

test('a path, which has a slash or an ending, means a file; a name alone means a built-in job', () => {
  const path = fileWith('word-count', '');
  expect(findJob(path)).toBe(path);
  expect(findJob('test/unit/job.types.ts')).toBe(join(process.cwd(), 'test/unit/job.types.ts'));
  expect(findJob('word-count')).toMatch(/jobs\/word-count\.ts$/);
});

test.for(['./none.ts', '/nowhere/job.js', 'none.mts', 'folder/none', '.', '../'])(
  'the error about a path without a file says that it is a path: %s',
  (path) => {
    expect(() => findJob(path)).toThrow(UsageError);
    expect(() => findJob(path)).toThrow(`--job ${path}: expected`);
  },
);

test.for([
  ['job.ts', `const job: object = ${GOOD};\nexport default job;\n`],
  ['job.mts', `export default ${GOOD} satisfies object;\n`],
  ['job.js', `export default ${GOOD};\n`],
  ['job.mjs', `export default ${GOOD};\n`],
  ['job.cjs', `module.exports = ${GOOD};\n`],
  ['own.ts', `import { defineJob } from 'http-mapreduce';\nexport default defineJob(${GOOD});\n`],
  ['näme with spaces & #1?.ts', `export default ${GOOD};\n`],
  [
    'below/job.ts',
    `import { basename } from 'node:path';\nexport const base = basename('a/b');\nexport default ${GOOD};\n`,
  ],
  ['promise.ts', `export default await Promise.resolve(${GOOD});\n`],
] as const)('a job loads from %s', async ([name, text]) => {
  expect((await loadJob(fileWith(name, text))).name).toBe('good');
});

test.for([
  ['ts', "const a: number = 1;\nconst b = 'two';\nconst c = = 3;\n"],
  ['js', "const a = 1;\nconst b = 'two';\nconst c = = 3;\nexport default a;\n"],
  ['mjs', "const a = 1;\nconst b = 'two';\nconst c = = 3;\n"],
  ['mts', "const a: number = 1;\nconst b = 'two';\nconst c = = 3;\n"],
] as const)('a syntax error in a .%s file is reported with file and line', async ([extension, text]) => {
  const path = fileWith(`job.${extension}`, text);
  expect((await failureOf(path)).message).toMatch(`${path}:3: expected a job file that loads, found SyntaxError`);
});

test('TypeScript that has to be compiled is reported with file and line, and the reason', async () => {
  const path = fileWith('job.ts', 'const a = 1;\nenum Color { red }\nexport default a;\n');
  const { message } = await failureOf(path);
  expect(message).toContain(`${path}:2: `);
  expect(message).toContain('types are stripped, not compiled');
});

test('an error that a job file throws while it loads is reported with file and line', async () => {
  const path = fileWith('job.ts', `type A = string;\n\nthrow new RangeError('boom');\nexport default ${GOOD};\n`);
  expect((await failureOf(path)).message).toContain(
    `${path}:3: expected a job file that loads, found RangeError: boom`,
  );
});

test('an import that leads nowhere is reported', async () => {
  const path = fileWith('job.ts', `import { a } from './missing.ts';\nexport default ${GOOD};\n`);
  const { message } = await failureOf(path);
  expect(message).toContain(`${path}:1: `);
  expect(message).toContain('missing.ts');
});

test('a name that this package does not export is reported with file and line', async () => {
  const path = fileWith(
    'job.ts',
    `\nimport { defineJobs } from 'http-mapreduce';\nexport default defineJobs(${GOOD});\n`,
  );
  const { message } = await failureOf(path);
  expect(message).toContain(`${path}:2: `);
  expect(message).toContain('defineJobs');
});

test('a type that is imported as a value is reported, with the way out', async () => {
  const text = `import { defineJob, Emit } from 'http-mapreduce';\nexport default defineJob(${GOOD});\n`;
  const { message } = await failureOf(fileWith('job.ts', text));
  expect(message).toContain("does not provide an export named 'Emit'; if Emit is a type, write `import type { Emit }`");
});

test.for([
  ['nothing', 'const a = 1;\nexport { a };', 'no default export'],
  ['a function', 'export default function map() {}', 'a default export that is a function'],
  ['a text', "export default 'word-count';", 'a default export that is a string'],
  ['no name', 'export default { map() {}, reduce() {} };', 'a job without a name'],
  ['an empty name', "export default { name: '', map() {}, reduce() {} };", 'a job without a name'],
  ['no map', "export default { name: 'a', reduce() {} };", 'a job without a map function'],
  [
    'a map that is not a function',
    "export default { name: 'a', map: 1, reduce() {} };",
    'a job without a map function',
  ],
  ['no reduce', "export default { name: 'a', map() {} };", 'a job without a reduce function'],
  [
    'a combine that is not a function',
    "export default { name: 'a', map() {}, reduce() {}, combine: true };",
    'a combine',
  ],
  [
    'a map that takes emit beside its context',
    "export default { name: 'a', map(record, emit, context) {}, reduce() {} };",
    'a map with more parameters than record, context: emit is in the context',
  ],
  [
    'a reduce that takes emit beside its context',
    "export default { name: 'a', map() {}, reduce(key, values, emit, context) {} };",
    'a reduce with more parameters than key, values, context: emit is in the context',
  ],
  [
    'an unknown field',
    "export default { name: 'a', map() {}, reduce() {}, combiner() {} };",
    'combiner (nearest: combine)',
  ],
] as const)('a file that exports %s is not a job', async ([, text, found]) => {
  const path = fileWith('job.ts', text);
  const { message, exitCode } = await failureOf(path);
  expect(message).toContain(`${path}:1: expected \`export default defineJob({...})\`, found `);
  expect(message).toContain(found);
  expect(exitCode).toBe(2);
});

test.for([
  ['an input that is no format', "{ name: 'a', map() {}, reduce() {}, input: 'lines' }"],
  ['params that are no object', "{ name: 'a', map() {}, reduce() {}, params: 1 }"],
  ['a parameter with an invalid spec', "{ name: 'a', map() {}, reduce() {}, params: { verbose: true } }"],
] as const)('a file that exports a job with %s is refused', async ([, job]) => {
  await failureOf(fileWith('job.ts', `export default ${job};`));
});

test.for(['[]', '[1, 2]'])('a file that exports a job with a parameter of %s is refused', async (spec) => {
  await failureOf(
    fileWith('job.ts', `export default { name: 'a', map() {}, reduce() {}, params: { words: ${spec} } };`),
  );
});

test('a parameter that is a text has it as its default', () => {
  const job = jobWith({ pattern: '.*' });
  expect(readParams(job, {})).toEqual({ pattern: '.*' });
  expect(readParams(job, { pattern: 'a=b' })).toEqual({ pattern: 'a=b' });
  expect(readParams(job, { pattern: '' })).toEqual({ pattern: '' });
});

test('a parameter that is a number takes numbers', () => {
  const job = jobWith({ ms: 500 });
  expect(readParams(job, {})).toEqual({ ms: 500 });
  expect(readParams(job, { ms: '-0.5' })).toEqual({ ms: -0.5 });
  expect(readParams(job, { ms: '1e3' })).toEqual({ ms: 1000 });
  for (const text of ['', ' ', 'many', '1 2', 'NaN', 'Infinity', '1e999']) {
    expect(() => readParams(job, { ms: text }), text).toThrow(UsageError);
  }
  expect(() => readParams(job, { ms: 'many' })).toThrow('--param ms of test: expected a number, found many');
});

test('a parameter that is a list takes what it lists, the first by default', () => {
  const job = jobWith({ case: ['lower', 'keep'] });
  expect(readParams(job, {})).toEqual({ case: 'lower' });
  expect(readParams(job, { case: 'keep' })).toEqual({ case: 'keep' });
  expect(() => readParams(job, { case: 'upper' })).toThrow(UsageError);
  expect(() => readParams(job, { case: 'upper' })).toThrow('expected lower or keep, found upper');
});

test('a parameter that is a function is what it makes of the text', () => {
  const job = jobWith({ list: (text) => text?.split(',') });
  expect(readParams(job, { list: 'a,b' })).toEqual({ list: ['a', 'b'] });
  expect(readParams(job, {})).toEqual({ list: undefined });
});

test('what the function of a parameter throws is a UsageError with its message', () => {
  const job = jobWith({
    pattern: () => {
      throw new SyntaxError('no such pattern');
    },
  });
  expect(() => readParams(job, { pattern: '(' })).toThrow(UsageError);
  expect(() => readParams(job, { pattern: '(' })).toThrow('--param pattern=( of test: no such pattern');
});

test('a parameter that the job does not declare is a UsageError with those it does', () => {
  expect(() => readParams(jobWith({ ms: 1, words: 'a' }), { world: 'x' })).toThrow(UsageError);
  expect(() => readParams(jobWith({ ms: 1, words: 'a' }), { world: 'x' })).toThrow(/--param world: .*\(ms, words\)/);
  expect(() => readParams(jobWith({}), { any: 'x' })).toThrow('it takes none');
  expect(() => readParams(jobWith({ ms: 1 }), { toString: 'x' })).toThrow(UsageError);
});

test('a job that declares no parameters gets what was given', () => {
  expect(readParams(jobWith(), { a: '1', b: '' })).toEqual({ a: '1', b: '' });
});

test('a parameter with the name of something inherited has its default', () => {
  expect(readParams(jobWith({ constructor: 'none' }), {})).toEqual({ constructor: 'none' });
});
