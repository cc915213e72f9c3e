// Runs `npm run bench` with tiny inputs, which takes a moment. The figures mean nothing, but the benchmark stays usable.

import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { BenchResult } from '../bench/report/result.ts';
import { ROOT, succeeded, test } from '../fixtures/scratch.ts';

const BENCH = join(ROOT, 'test/bench/main.ts');

test('a case runs against its peers, agrees with them, and leaves only figures behind', async ({ scratch }) => {
  const args = [
    '--case',
    'word-count-100m',
    '--scale',
    '0.001',
    '--rounds',
    '1',
    '--data',
    'data',
    '--json',
    'bench.json',
  ];
  const only = ['job, words()', 'Node script', 'C, scalar', 'uniq'].flatMap((name) => ['--only', name]);

  const { stdout } = succeeded(await scratch.startProgram(process.execPath, [BENCH, ...args, ...only]).finished);

  expect(stdout).toContain('word-count-100m: word count, letters only, 100 MB\n');
  expect(stdout).toMatch(/^Node script {2,}\d+\.\d\d {2}/m);
  const { cases, machine } = JSON.parse(readFileSync(join(scratch.dir, 'bench.json'), 'utf8')) as BenchResult;
  expect(machine.node).toBe(process.version);
  const [words] = cases[0]!.contestants;
  expect(words).toMatchObject({ name: "user's string job, words()", failures: [] });
  expect(words!.timesMs).toHaveLength(1);
  expect(words!.medianMs).toBeGreaterThan(0);
  expect(cases[0]!.targets.map(({ verdict }) => verdict)).toEqual(['not measured']);
  expect(readdirSync(join(scratch.dir, 'data')).filter((name) => name.startsWith('run-'))).toEqual([]);
});

test('a contestant with different output fails the bench and is named', async ({ scratch }) => {
  const args = ['--case', 'paths', '--scale', '0.0001', '--rounds', '1', '--data', 'data', '--only', 'string job'];
  // The expected output comes from coreutils. If their uniq loses a line, the job is the one that differs.
  chmodSync(join(scratch.dir, scratch.write('bin/uniq', '#!/bin/sh\n/usr/bin/uniq "$@" | tail -n +2\n')), 0o755);

  const { exitCode, stdout } = await scratch.startProgram(process.execPath, [BENCH, ...args], {
    env: { PATH: `${join(scratch.dir, 'bin')}:${process.env['PATH']}` },
  }).finished;

  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^FAILED string job: expected \d+ lines, found \d+$/m);
});

test('an unknown case is refused by name, together with the names of all cases', async ({ scratch }) => {
  const { exitCode, stderr } = await scratch.startProgram(process.execPath, [BENCH, '--case', 'nothing']).finished;

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/--case nothing: expected one of cold-start, /);
});
