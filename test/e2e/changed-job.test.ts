// Tests a job that is edited during a run, or before the run is resumed: no output mixes two versions of the job.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

/** A job that counts lines as `version`, and holds the first attempt of `map-1` until the file `gate` exists. */
const JOB = (version: string, imports = ''): string => `
${imports}
import { existsSync, writeSync } from 'node:fs';
const cell = new Int32Array(new SharedArrayBuffer(4));
let held = '';
export default {
  name: 'versions',
  map(line, { emit, attempt }) {
    if (attempt === 'map-1.1' && held !== attempt) {
      held = attempt;
      writeSync(2, attempt + ' waits in process ' + process.pid + '\\n');
      while (!existsSync('gate')) Atomics.wait(cell, 0, 0, 10);
    }
    ${version.startsWith('await') ? `return ${version}` : `emit(${version}, 1)`};
  },
  reduce: (_, ones) => [...ones].length,
};
`;

test('a run whose job file is edited fails on the next worker that loads the file, and names it', async ({
  scratch,
}) => {
  scratch.write('job.ts', JOB("'v1'"));
  scratch.write('in.txt', 'one\ntwo\nthree\nfour\n');
  const driver = scratch.drive(['-N', '2', '-M', '1', '-W', '1', '--job', 'job.ts', 'in.txt']);
  const [, pid] = await driver.line(/map-1\.1 waits in process (\d+)/);
  scratch.write('job.ts', JOB("'v2'"));
  process.kill(Number(pid), 'SIGKILL');

  const { exitCode, stderr } = await driver.finished;
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(
    /^mapreduce: map-1 failed on worker 1: \S+job\.ts: expected a file of the job as it was when the run began, found it changed/m,
  );
});

const SHAPE = ['-N', '2', '-M', '1', '-W', '1', '--job', 'job.ts', 'in.txt'];
const LINES = 'one\ntwo\nthree\nfour\n';

describe('imports of a job', () => {
  const WAYS: readonly (readonly [how: string, file: string, job: string, v1: string, v2: string])[] = [
    [
      'a module',
      'version.ts',
      JOB('version', "import { version } from './version.ts';"),
      "export const version: string = 'v1';",
      "export const version: string = 'v2';",
    ],
    [
      'data',
      'version.json',
      JOB('json.version', "import json from './version.json' with { type: 'json' };"),
      '{"version":"v1"}',
      '{"version":"v2"}',
    ],
    [
      'a module that another module requires',
      'deep/version.cjs',
      JOB('version', "import version from './version.cjs';"),
      "module.exports = 'v1';",
      "module.exports = 'v2';",
    ],
  ];

  test.for(WAYS)(
    'a worker that finds another version of an import (%s) ends the run and names the file',
    async ([, file, job, v1, v2], { scratch }) => {
      scratch.write('job.ts', job);
      scratch.write('version.cjs', "module.exports = require('./deep/version.cjs');");
      scratch.write(file, v1);
      scratch.write('in.txt', LINES);
      const driver = scratch.drive(SHAPE);
      const [, pid] = await driver.line(/map-1\.1 waits in process (\d+)/);
      scratch.write(file, v2);
      process.kill(Number(pid), 'SIGKILL');

      const { exitCode, stderr } = await driver.finished;
      expect(stderr).toContain(`${file}: expected a file of the job as it was when the run began, found it changed`);
      expect(exitCode).toBe(5);
    },
  );

  test('a module that the job imports must not be edited before a run is resumed', async ({ scratch }) => {
    scratch.write('job.ts', JOB('version', "import { version } from './version.ts';"));
    scratch.write('version.ts', "export const version = 'v1';");
    scratch.write('in.txt', LINES);
    const driver = scratch.drive(SHAPE);
    await driver.line(/map-1\.1 waits in process (\d+)/);
    driver.signal('SIGKILL');
    await driver.finished;
    scratch.write('version.ts', "export const version = 'v2';");

    const { exitCode, stderr } = await scratch.run(SHAPE);
    expect(stderr).toMatch(/expected the job as it was, found it changed \(\S+version\.ts\); give the same command/);
    expect(exitCode).toBe(2);

    scratch.write('gate', '');
    scratch.write('version.ts', "export const version = 'v1';");
    await scratch.done(SHAPE);
    expect(scratch.output()).toBe('v1\t4\n');
  });

  test('a module that the job imports while it runs must be older than the run', async ({ scratch }) => {
    const late = JOB("await import('./late.ts').then(({ version }) => [[version, 1]])");
    scratch.write('job.ts', late.replace('map(', 'async map('));
    scratch.write('late.ts', "export const version = 'v1';");
    scratch.write('in.txt', LINES);
    scratch.write('gate', '');
    await scratch.done(SHAPE);
    expect(scratch.output()).toBe('v1\t4\n');

    scratch.write('job.ts', late.replace('map(', 'async map(').replace("'gate'", "'gate-2'"));
    const driver = scratch.drive(SHAPE);
    const [, pid] = await driver.line(/map-1\.1 waits in process (\d+)/);
    scratch.write('late.ts', "export const version = 'v2';");
    process.kill(Number(pid), 'SIGKILL');
    const { exitCode, stderr } = await driver.finished;
    expect(stderr).toMatch(/late\.ts: expected a file of the job from before the run began, found a newer one/);
    expect(exitCode).toBe(5);
  });
});
