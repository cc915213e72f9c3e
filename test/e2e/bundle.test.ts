// Tests the code that runs in a clone: the bundle of this very source, or the source if it is not bundled. Users see no difference.

import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { sourceDigest } from '../../tools/source-digest.ts';
import type { Finished, RunningCommand } from '../fixtures/running-command.ts';
import { ROOT, type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { library } from '../fixtures/texts.ts';

const BUNDLE = join('.bundle', sourceDigest());

/** A copy of this clone whose bundle reports that it is a bundle. */
class Clone {
  readonly #scratch: Scratch;
  readonly #root: string;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    this.#root = join(scratch.dir, 'clone');
    for (const name of ['package.json', 'bin', 'src', 'tools', BUNDLE])
      cpSync(join(ROOT, name), join(this.#root, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#root, 'node_modules'));
    const main = join(this.#root, BUNDLE, 'cli/main.js');
    writeFileSync(main, `console.error('BUNDLED');\n${readFileSync(main, 'utf8')}`);
  }

  path(name: string): string {
    return join(this.#root, name);
  }

  start(...args: string[]): RunningCommand {
    return this.#scratch.startProgram(process.execPath, [this.path('bin/mapreduce.js'), ...args]);
  }

  async run(...args: string[]): Promise<Finished> {
    return succeeded(await this.start(...args).finished);
  }

  async isBundled(): Promise<boolean> {
    return (await this.run('jobs')).stderr.includes('BUNDLED');
  }

  edit(): void {
    appendFileSync(this.path('src/cli/jobs.ts'), '// A remark.\n');
  }
}

test('a bundle of this source exists because npm test has made it', () => {
  expect(existsSync(join(ROOT, BUNDLE))).toBe(true);
});

test('a clone runs its bundle until the source changes, and again after the change is undone', async ({ scratch }) => {
  const clone = new Clone(scratch);
  const source = clone.path('src/cli/jobs.ts');
  const before = readFileSync(source);
  expect(await clone.isBundled()).toBe(true);
  clone.edit();
  expect(await clone.isBundled()).toBe(false);
  writeFileSync(source, before);
  expect(await clone.isBundled()).toBe(true);
  // An editor leaves such a file beside one that has not been saved.
  symlinkSync('somebody@somewhere.1', clone.path('src/cli/.#jobs.ts'));
  expect(await clone.isBundled()).toBe(true);
  rmSync(clone.path('.bundle'), { recursive: true });
  expect(await clone.isBundled()).toBe(false);
});

test('a new bundle is made beside the old ones, so processes that run from those continue', async ({ scratch }) => {
  const clone = new Clone(scratch);
  clone.edit();
  const build = scratch.startProgram(process.execPath, [clone.path('tools/bundle.ts')]);
  succeeded(await build.finished);
  expect(globSync('.bundle/*', { cwd: clone.path('') })).toHaveLength(2);
  const { stderr } = await clone.run('jobs');
  expect(stderr).toBe('');
});

describe('a whole job', () => {
  test('a whole job runs from the source', async ({ scratch }) => {
    const clone = new Clone(scratch);
    clone.edit();
    const port = String(scratch.port);
    const run = await clone.run('run', '--verify', '--worker-port', port, '-N', '3', '-M', '2', ...library(scratch));
    expect(run.stdout).toContain('verified: the same');
    expect(run.stderr).not.toContain('BUNDLED');
  });

  test('a whole job runs on workers of another installation if only one of the two is bundled', async ({ scratch }) => {
    const clone = new Clone(scratch);
    clone.edit();
    const port = String(scratch.port);
    const workers = clone.start('workers', '-W', '1', '--worker-port', port);
    await workers.line(/worker ready on /);
    const run = await scratch.done(['--verify', '-N', '3', '-M', '2', ...library(scratch)]);
    expect(run.stdout).toContain('verified: the same');
  });

  test('a whole job continues if its first bundle no longer exists', async ({ scratch }) => {
    const clone = new Clone(scratch);
    const timing = ['run', '--job', 'map-timing', '--param', 'ms=200', '-N', '4', '-M', '1', '-W', '1'];
    const args = [...timing, '--worker-port', String(scratch.port), ...library(scratch)];
    const first = clone.start(...args);
    await first.line(/chunks written/);
    first.signal('SIGINT');
    expect((await first.finished).exitCode).toBe(130);
    clone.edit();
    const second = await clone.run(...args);
    expect(second.stderr).toMatch(/^continues run /m);
    expect(second.stderr).not.toContain('BUNDLED');
  });
});
