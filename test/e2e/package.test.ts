// The package as others get it: packed, unpacked below node_modules, where Node runs no TypeScript, and run from there.

import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import { ROOT, succeeded, test } from '../fixtures/scratch.ts';
import { library } from '../fixtures/texts.ts';

const PACKED = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'LICENSE', 'bin', 'src', 'tools'];

test('the packed package runs its own jobs and those of the project that it is installed in', async ({ scratch }) => {
  const source = join(scratch.dir, 'source');
  mkdirSync(source);
  for (const name of PACKED) cpSync(join(ROOT, name), join(source, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  succeeded(await scratch.startProgram('npm', ['pack', '--silent'], { cwd: source }).finished);
  const archive = readdirSync(source).find((name) => name.endsWith('.tgz'));
  const modules = join(scratch.dir, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  succeeded(await scratch.startProgram('tar', ['xzf', join(source, archive!), '-C', modules]).finished);
  const installed = join(modules, 'package/bin/mapreduce.js');
  expect(readdirSync(join(modules, 'package')).sort()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json']);

  for (const name of ['index', 'run'])
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
});
