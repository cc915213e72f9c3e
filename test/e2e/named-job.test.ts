// Tests the job as the first argument of a command, and its description in --help.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { ROOT, test } from '../fixtures/scratch.ts';

const JOB = `
import { defineJob, type MapContext, sum } from 'http-mapreduce';
export default defineJob({
  name: 'letters',
  description: 'counts the letters of a text',
  params: { ms: 500, word: 'the', case: ['lower', 'keep'], like: (text) => new RegExp(text ?? '.') },
  env: ['LIMIT'],
  map(line: string, { emit }: MapContext<number>) { for (const letter of line) emit(letter, 1); },
  reduce: sum,
});
`;

describe('the first argument of run and sequential', () => {
  test('the first argument is the job if it is a job file', async ({ scratch }) => {
    scratch.write('my-job.ts', JOB);
    scratch.write('data.txt', 'aab\n');
    const { stdout } = await scratch.done(['my-job.ts', 'data.txt']);
    expect(stdout).toMatch(/^done in \S+ s: letters over 1 file, 4 B$/m);
    expect(scratch.output()).toBe('a\t2\nb\t1\n');
    expect(await scratch.sequential(['my-job.ts', 'data.txt'])).toBe('a\t2\nb\t1\n');
  });

  test('the first argument is the job if it names a built-in job and not a file', async ({ scratch }) => {
    scratch.write('data.txt', 'one\ntwo\n');
    const grep = ['grep', 'data.txt', '--param', 'pattern=^t'];
    expect(await scratch.sequential(grep)).toContain('two');
    scratch.write('grep', 'a file\n');
    expect(await scratch.sequential(['grep', 'data.txt'])).toBe('a\t1\nfile\t1\none\t1\ntwo\t1\n');
  });

  test('the first argument is an input if it is any other file, such as a program, or if --job names a job', async ({
    scratch,
  }) => {
    scratch.write('my-job.ts', JOB);
    scratch.write('program.js', 'export default 1;\n');
    expect(await scratch.sequential(['program.js'])).toBe('1\t1\ndefault\t1\nexport\t1\n');
    expect(await scratch.sequential(['--job', 'word-count', 'my-job.ts'])).toContain('letters\t2\n');
  });

  test.for([
    [['data.txt', 'my-job.ts'], /input my-job\.ts: expected data, found a job file; to run it name it first/],
    [
      ['--job', 'my-job.ts', 'data.txt', './my-job.ts'],
      /input \.\/my-job\.ts: expected data, found the file of the job itself/,
    ],
    [['my-job.ts'], /missing required argument 'inputs'/],
    [['broken.ts', 'data.txt'], /broken\.ts:2: expected a job file that loads/],
  ] as const)('arguments that make no sense are refused: %s', async ([args, said], { scratch }) => {
    scratch.write('my-job.ts', JOB);
    scratch.write('broken.ts', "import 'http-mapreduce';\nthrow new Error('broken');\nexport default 1;");
    scratch.write('data.txt', 'a\n');
    const { exitCode, stdout, stderr } = await scratch.run(args);
    expect(stderr).toMatch(said);
    expect([exitCode, stdout]).toEqual([2, '']);
  });
});

test('--help describes a job and its parameters', async ({ scratch }) => {
  scratch.write('my-job.ts', JOB);
  for (const args of [
    ['run', 'my-job.ts', '--help'],
    ['sequential', '--job', 'my-job.ts', '-h'],
  ]) {
    const { exitCode, stdout } = await scratch.start(args).finished;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: mapreduce (run|sequential) \[options\] \[job\] <inputs\.\.\.>$/m);
    expect(stdout.slice(stdout.indexOf('The job'))).toBe(
      'The job letters (my-job.ts): counts the letters of a text\n' +
        'Parameters:\n' +
        '  --param ms=…    a number (default: 500)\n' +
        '  --param word=…  a text (default: "the")\n' +
        '  --param case=…  lower or keep (default: lower)\n' +
        '  --param like=…  what the job makes of it\n' +
        'It reads the variables LIMIT.\n',
    );
  }
  const { stdout } = await scratch.start(['run', '--help']).finished;
  expect(stdout).not.toContain('The job');
});

test('npm run driver in a subfolder of the package resolves paths relative to that folder', async ({ scratch }) => {
  const typedIn = join(scratch.dir, 'below');
  mkdirSync(typedIn);
  scratch.write('below/data.txt', 'a\n');
  // Variables that npm sets for the scripts that it runs in the folder of the package.
  const npm = { npm_lifecycle_event: 'driver', npm_package_name: 'http-mapreduce', INIT_CWD: typedIn };
  await scratch.done(['data.txt'], { cwd: ROOT, env: { ...process.env, ...npm } });
  expect(scratch.output(join(typedIn, 'files'))).toBe('a\t1\n');
  expect(existsSync(join(scratch.dir, 'files'))).toBe(false);
});
