// Tests the packed package: unpacked below node_modules, where Node runs no TypeScript, and run from there.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'vitest';

import { ROOT, succeeded, test } from '../fixtures/scratch.ts';
import { library } from '../fixtures/texts.ts';

const PACKED = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'LICENSE', 'bin', 'src', 'tools'];

/** Returns the packages of an install without development packages, such as `node_modules/pino`. */
function runtimePackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true)
    .map(([path]) => path)
    .filter((path) => existsSync(join(ROOT, path)));
}

test('the packed package runs its own jobs and those of the project that it is installed in', async ({ scratch }) => {
  const source = join(scratch.dir, 'source');
  mkdirSync(source);
  for (const name of PACKED) cpSync(join(ROOT, name), join(source, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  succeeded(await scratch.startProgram('npm', ['pack', '--silent'], { cwd: source }).finished);
  const archive = readdirSync(source).find((name) => name.endsWith('.tgz'));
  const modules = join(scratch.dir, 'node_modules');
  mkdirSync(modules);
  for (const path of runtimePackages()) {
    mkdirSync(dirname(join(scratch.dir, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(scratch.dir, path));
  }
  succeeded(await scratch.startProgram('tar', ['xzf', join(source, archive!), '-C', modules]).finished);
  const installed = join(modules, 'package/bin/mapreduce.js');
  expect(readdirSync(join(modules, 'package')).sort()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json']);

  for (const name of ['index', 'run-job'])
    for (const ending of ['.js', '.d.ts']) expect(existsSync(join(modules, 'package/dist', name + ending))).toBe(true);

  const texts = library(scratch);
  scratch.write(
    'lengths.ts',
    `import { defineJob, sum } from 'http-mapreduce';
     export default defineJob({
       name: 'lengths',
       *map(line: string) { yield [String(line.length), 1]; },
       combine: sum,
       reduce: sum,
     });`,
  );
  for (const job of ['word-count', 'lengths.ts']) {
    const port = String(scratch.port);
    const args = ['run', '--verify', '-N', '3', '-M', '2', '--worker-port', port, '--job', job, ...texts];
    const run = succeeded(await scratch.startProgram(process.execPath, [installed, ...args]).finished);
    expect(run.stdout).toContain('verified: the same');
    expect(run.stderr).toMatch(/^report: /m);
  }

  scratch.write(
    'program.mjs',
    `import { JobError } from 'http-mapreduce';
     import { runJob } from 'http-mapreduce/run';
     const options = { inputs: ['texts/*.txt'], workers: 1, workerPort: ${scratch.port}, port: ${scratch.port + 5} };
     const { outcome, outputs } = await runJob({ ...options, job: './lengths.ts', reduces: 2 });
     console.log(outcome, outputs.length, JobError.name);`,
  );
  renameSync(join(modules, 'package'), join(modules, 'http-mapreduce'));
  scratch.write('texts/a.txt', 'one\ntwo\n');
  const program = succeeded(await scratch.startProgram(process.execPath, ['program.mjs']).finished);
  expect(program.stdout).toBe('done 2 JobError\n');

  scratch.write('package.json', '{ "type": "module" }');
  // Its types need no package that is not installed with it.
  scratch.write(
    'typed.ts',
    `import { runJob, type RunEvent } from 'http-mapreduce/run';
     import type lengths from './lengths.ts';
     const onEvent = ({ event, level }: RunEvent): void => console.log(level, event);
     const { outputs } = await runJob<typeof lengths>({ inputs: [], params: { ms: 1 }, onEvent });
     export const first: string | undefined = outputs[0];`,
  );
  const types = join(ROOT, 'node_modules/@types');
  const strict =
    '--noEmit --strict --module nodenext --target esnext --allowImportingTsExtensions --skipLibCheck false';
  const args = [...strict.split(' '), '--types', 'node', '--typeRoots', types, 'typed.ts'];
  const { stdout, exitCode } = await scratch.startProgram(join(ROOT, 'node_modules/.bin/tsc'), args).finished;
  expect(stdout).toBe('');
  expect(exitCode).toBe(0);
});
