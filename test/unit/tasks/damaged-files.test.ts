import { copyFileSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { digestOf } from '../../fixtures/job-of-run.ts';

import { jobFile, failureOf, PlannedRun } from '../../fixtures/planned-run.ts';

const PLAN = { job: 'word-count', texts: ['a b\nc d\n', 'e f\ng h\n'], mapCount: 2, reduceCount: 2 };

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(path, bytes);
}

test.for([
  ['missing', (path: string) => rmSync(path)],
  ['cut', (path: string) => truncateSync(path, 20)],
  ['with a flipped bit', (path: string) => flipByte(path, -1)],
  ['from another task', (path: string) => copyFileSync(path.replace('_1', '_0'), path)],
] as const)('a chunk %s fails its map task, and is named', async ([, damage]) => {
  const planned = await PlannedRun.make(PLAN);
  damage(planned.workspace.chunk(1));
  const failure = await failureOf(planned.run('map', 1), planned.workspace.dir);
  expect(failure).toMatchObject({ kind: 'corrupt', damaged: { file: 'chunk', task: 1 } });
  expect(failure.message).toContain(planned.workspace.chunk(1));
  await planned.run('map', 0);
});

test.for([
  ['missing', (path: string) => rmSync(path)],
  ['cut', (path: string) => truncateSync(path, 30)],
  ['empty', (path: string) => truncateSync(path, 0)],
  ['with a flipped bit in a block', (path: string) => flipByte(path, 26)],
  ['with a flipped bit in its index', (path: string) => flipByte(path, -17)],
] as const)('a map output %s fails the reduce task, and is named', async ([, damage]) => {
  const planned = await PlannedRun.make(PLAN);
  for (const task of [0, 1]) await planned.runAndCommit('map', task);
  damage(planned.workspace.mapOutput(1));
  for (const compressMapOutput of [false, true]) {
    const attempt = compressMapOutput ? 2 : 1;
    const failure = await failureOf(planned.run('reduce', 0, attempt, { compressMapOutput }), planned.workspace.dir);
    expect(failure).toMatchObject({ kind: 'corrupt', damaged: { file: 'map-output', task: 1 } });
  }
});

test('a map output with too few partitions is named', async () => {
  const planned = await PlannedRun.make(PLAN);
  for (const task of [0, 1]) await planned.runAndCommit('map', task);
  const failure = await failureOf(planned.run('reduce', 2, 1, { reduceCount: 3 }), planned.workspace.dir);
  expect(failure).toMatchObject({ kind: 'corrupt', damaged: { file: 'map-output', task: 0 } });
});

test('a spill that is damaged while its attempt runs is reported as corrupt, not as a file that can be made again alone', async () => {
  const job = jobFile(
    `map(line: string, { emit, ...context }) {
      for (let at = 0; at < 20_000; at++) emit(line + Math.random(), at);
      const folder = context.params['attempts']!;
      for (const name of readdirSync(folder)) if (name.endsWith('spill-0')) truncateSync(folder + '/' + name, 100);
    }, reduce: sum });\nimport { readdirSync, truncateSync } from 'node:fs';\n(0, {`,
  );
  const planned = await PlannedRun.make({ ...PLAN, job, mapBufferBytes: 1 << 16 });
  const { dir, attempts } = planned.workspace;
  const withFolder = { job: { path: job, digest: digestOf(job), params: { attempts } } };
  const failure = await failureOf(planned.run('map', 0, 1, withFolder), dir);
  expect(failure).toMatchObject({ kind: 'corrupt' });
  expect(failure.message).toContain('spill-0');
  expect(failure.damaged).toBeUndefined();
  expect(readdirSync(attempts)).toEqual([]);
});

test.for(['reference', 'copy'] as const)(
  'an input that has changed is not a damaged file: the failure names the input (--chunks %s)',
  async (mode) => {
    const planned = await PlannedRun.make({ ...PLAN, mode });
    const [input] = planned.inputs;
    utimesSync(input!.path, 1, 1);
    const failure = await failureOf(planned.run('map', 0), planned.workspace.dir);
    expect(failure).toMatchObject({ kind: 'input' });
    expect(failure.message).toContain('input 0.txt changed while the job ran');
    expect(failure.damaged).toBeUndefined();
  },
);

test('map outputs that were read ahead are read again in another generation', async () => {
  const planned = await PlannedRun.make({ ...PLAN, mapCount: 1 });
  await planned.runAndCommit('map', 0);
  await planned.run('reduce', 0);
  const { workspace } = planned;
  truncateSync(workspace.mapOutput(0), 30);
  await planned.run('reduce', 1);
  const failure = await failureOf(planned.run('reduce', 1, 2, { generation: 1 }), workspace.dir);
  expect(failure).toMatchObject({ damaged: { file: 'map-output', task: 0 } });
});
