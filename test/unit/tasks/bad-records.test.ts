import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { digestOf } from '../../fixtures/job-of-run.ts';
import { readPlaceMark } from '../../../src/workspace/place-mark.ts';
import { failureOf, jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

/** A job that emits with each line the contents of its attempt's place file. */
const TELLING = `map(line: string, { emit, ...context }) {
    emit(line + '@' + context.index, JSON.stringify(JSON.parse(readFileSync(context.params['at']!, 'utf8').split('\\n')[0]).place));
    if (line === 'bad') throw new Error('boom');
  }, reduce: (_key, [value]) => value });\nimport { readFileSync } from 'node:fs';\n(0, {`;

async function carefulRun(texts: readonly string[]) {
  const job = jobFile(TELLING);
  const planned = await PlannedRun.make({ job, texts, mapCount: 1, reduceCount: 1 });
  const at = planned.workspace.placeMark('this-run', 'map-0.1');
  return { planned, at, changes: { careful: true, job: { path: job, digest: digestOf(job), params: { at } } } };
}

test('a careful attempt notes each record before it is run, and removes the note when it has ended', async () => {
  const { planned, at, changes } = await carefulRun(['a\nbb\n', 'c\n']);
  await planned.runAndCommit('map', 0, changes);
  await planned.runAndCommit('reduce', 0);
  expect(readFileSync(planned.output(0), 'utf8').split('\n').slice(0, -1)).toEqual([
    'a@0\t{"file":"0.txt","slice":0,"offset":0}',
    'bb@1\t{"file":"0.txt","slice":0,"offset":2}',
    'c@0\t{"file":"1.txt","slice":1,"offset":0}',
  ]);
  expect(existsSync(at)).toBe(false);
});

test('a careful attempt that fails removes its note, too', async () => {
  const { planned, at, changes } = await carefulRun(['a\nbad\n']);
  expect(await failureOf(planned.run('map', 0, 1, changes))).toMatchObject({ message: 'boom' });
  expect(existsSync(at)).toBe(false);
});

test('a skipped record is not run and not counted, and the records after it keep their numbers', async () => {
  const job = jobFile(
    `*map(line: string, context) { if (line === 'bad') throw new Error('boom'); yield [line, context.index]; },
     reduce: (_key, [value]) => value`,
  );
  const planned = await PlannedRun.make({ job, texts: ['bad\nb\n', 'c\nbad\nd'], mapCount: 1, reduceCount: 1 });
  const skip = [
    { slice: 0, offset: 0 },
    { slice: 1, offset: 2 },
    { slice: 1, offset: 3 },
  ];
  expect(await planned.runAndCommit('map', 0, { skip })).toMatchObject({ recordsIn: 3, bytesIn: 13 });
  await planned.runAndCommit('reduce', 0);
  expect(readFileSync(planned.output(0), 'utf8')).toBe('b\t1\nc\t0\nd\t2\n');
});

test('a record that is skipped in one slice is run in another', async () => {
  const job = jobFile('*map(line: string) { yield [line, 1]; }, reduce: sum');
  const planned = await PlannedRun.make({ job, texts: ['a\n', 'b\n'], mapCount: 1, reduceCount: 1 });
  await planned.runAndCommit('map', 0, { skip: [{ slice: 1, offset: 0 }] });
  await planned.runAndCommit('reduce', 0);
  expect(readFileSync(planned.output(0), 'utf8')).toBe('a\t1\n');
});

test('a careful attempt skips records, too, and notes the records that it runs', async () => {
  const { planned, changes } = await carefulRun(['bad\nlonger line\nc\n']);
  const report = await planned.runAndCommit('map', 0, { ...changes, skip: [{ slice: 0, offset: 0 }] });
  expect(report.recordsIn).toBe(2);
  await planned.runAndCommit('reduce', 0);
  expect(readFileSync(planned.output(0), 'utf8')).toContain('c@2\t{"file":"0.txt","slice":0,"offset":16}');
});

test('an attempt that is not careful notes nothing', async () => {
  const { planned, at, changes } = await carefulRun(['a\n']);
  const failure = await failureOf(planned.run('map', 0, 1, { ...changes, careful: false }));
  expect(failure.message).toContain('ENOENT');
  expect(readPlaceMark(at)).toBeUndefined();
});
