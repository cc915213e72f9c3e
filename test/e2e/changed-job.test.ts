// A job file that is edited while a run goes on: no output mixes two versions of it.

import { expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const JOB = (version: string): string => `
import { existsSync, writeSync } from 'node:fs';
const cell = new Int32Array(new SharedArrayBuffer(4));
let held = '';
export default {
  name: 'versions',
  map(line, emit, { attempt }) {
    if (attempt === 'map-1.1' && held !== attempt) {
      held = attempt;
      writeSync(2, attempt + ' waits in process ' + process.pid + '\\n');
      while (!existsSync('gate')) Atomics.wait(cell, 0, 0, 10);
    }
    emit('${version}', 1);
  },
  reduce: (_, ones) => [...ones].length,
};
`;

test('a run whose job file is edited fails on the next worker that loads it, and names it', async ({ scratch }) => {
  scratch.write('job.ts', JOB('v1'));
  scratch.write('in.txt', 'one\ntwo\nthree\nfour\n');
  const driver = scratch.drive(['-N', '2', '-M', '1', '-W', '1', '--job', 'job.ts', 'in.txt']);
  const [, pid] = await driver.line(/map-1\.1 waits in process (\d+)/);
  scratch.write('job.ts', JOB('v2'));
  process.kill(Number(pid), 'SIGKILL');

  const { exitCode, stderr } = await driver.finished;
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(
    /^mapreduce: map-1 failed on worker 1: \S+job\.ts: expected the job file as it was when the run began, found it changed/m,
  );
});
