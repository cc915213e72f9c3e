import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as v from 'valibot';

import { AttemptReport } from '../../../src/protocol.ts';
import { failureOf, jobFile, PlannedRun } from '../../fixtures/planned-run.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const text = fc
  .array(fc.constantFrom('the', 'The', 'a', 'naïve', '😀', 'x1', ' ', ' ', '\n', '\r\n', '\ufeff', '\ufffd'), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''));

test.for(['word-count', 'inverted-index', 'indexer'])(
  'the tasks of %s give the output of a sequential run for any texts',
  async (job) => {
    const root = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (texts, mapCount, reduceCount) => {
          const folder = mkdtempSync(join(root, 'run-'));
          const planned = await PlannedRun.make({ job, texts, mapCount, reduceCount }, folder);
          const outputs = await planned.outputs();
          const found = outputs.flatMap((output) => output.split('\n').slice(0, -1)).sort();
          expect(found).toEqual((await planned.sequential()).map((line) => line.slice(0, -1)).sort());
          rmSync(folder, { recursive: true });
        },
      ),
      { numRuns: 8 },
    );
  },
);

test('values of a key come in input order, keys in the order of their bytes', async () => {
  const job = jobFile(
    "*map(line: string) { yield [line.slice(0, 1), line.slice(1)]; }, reduce: (_key, values) => [...values].join('')",
  );
  const planned = await PlannedRun.make({
    job,
    texts: ['b1\na2\n', 'b3\na4\nb5\n', 'Z6\nb7'],
    mapCount: 5,
    reduceCount: 1,
  });
  expect(await planned.outputs()).toEqual(['Z\t6\na\t24\nb\t1357\n']);
});

test('a report contains what was read, written and counted', async () => {
  const job = jobFile(
    "*map(line: string, context) { context.count('lines'); context.count('letters', line.length); yield ['k', 1]; }, combine: sum, reduce: sum",
  );
  const planned = await PlannedRun.make({ job, texts: ['one\nthree\n'], mapCount: 1, reduceCount: 1 });
  const mapped = await planned.runAndCommit('map', 0);
  expect(mapped).toMatchObject({
    recordsIn: 2,
    bytesIn: 10,
    recordsOut: 2,
    spills: 0,
    counters: [
      ['lines', 2],
      ['letters', 8],
    ],
  });
  const reduced = await planned.runAndCommit('reduce', 0);
  expect(reduced).toMatchObject({ recordsIn: 1, recordsOut: 1, bytesOut: 4, counters: [] });
  expect(v.parse(AttemptReport, JSON.parse(JSON.stringify(mapped)))).toEqual(mapped);
});

test('one giant file with one hot key is split over all map tasks, and the reduce task gets one pair from each', async () => {
  const job = jobFile('map(line: string, { emit }) { emit(line, 1); }, combine: sum, reduce: sum');
  const hot = `${'hot\n'.repeat(99)}cold\n`.repeat(1000);
  const planned = await PlannedRun.make({ job, texts: [hot], mapCount: 4, reduceCount: 1, mapBufferBytes: 1 << 16 });
  const mapped = [];
  for (let task = 0; task < 4; task++) mapped.push(await planned.runAndCommit('map', task));
  for (const { bytesIn } of mapped) expect(bytesIn / (hot.length / 4)).toBeCloseTo(1, 2);
  const reduced = await planned.runAndCommit('reduce', 0);
  expect({ in: reduced.recordsIn, out: reduced.recordsOut }).toEqual({ in: 8, out: 2 });
});

test('an error in map fails the attempt with the record and the line of the job, and leaves nothing', async () => {
  const job = jobFile("map(line: string) {\n if (line === 'bad') throw new RangeError('boom'); }, reduce() {}");
  const planned = await PlannedRun.make({ job, texts: ['ok\nbad\n'], mapCount: 1, reduceCount: 1 });
  const failure = await failureOf(planned.run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', message: 'boom', place: { file: '0.txt', slice: 0, offset: 3 } });
  expect(failure.stack).toContain('job.ts:3:');
  expect(failure.stack).not.toContain('map-task.ts');
  expect(readdirSync(planned.workspace.attempts)).toEqual([]);
});

test('an error in reduce fails the attempt with the key, and leaves nothing', async () => {
  const job = jobFile(
    "*map(line: string) { yield [line, 1]; }, reduce(key) { if (key === 'bad') throw new Error('boom'); }",
  );
  const planned = await PlannedRun.make({ job, texts: ['ok\nbad\n'], mapCount: 1, reduceCount: 1 });
  await planned.runAndCommit('map', 0);
  expect(await failureOf(planned.run('reduce', 0))).toMatchObject({
    kind: 'job',
    message: 'boom',
    place: { key: 'bad' },
  });
  expect(readdirSync(planned.workspace.attempts)).toEqual([]);
});

test('an error in combine fails the attempt with the key', async () => {
  const job = jobFile("*map(line: string) { yield [line, 1]; }, combine() { throw new Error('boom'); }, reduce: sum");
  const planned = await PlannedRun.make({ job, texts: ['a\na\n'], mapCount: 1, reduceCount: 1 });
  expect(await failureOf(planned.run('map', 0))).toMatchObject({ kind: 'job', place: { key: 'a', of: 'combine' } });
});

test.for([
  ['a key that is not text', '*map() { yield [1 as never, 1]; }', 'map emitted a key that is the number 1'],
  ['something other than a list of pairs', 'map: () => 5 as never', 'map returned the number 5'],
] as const)('a map that gives %s fails the attempt', async ([, map, message]) => {
  const planned = await PlannedRun.make({
    job: jobFile(`${map}, reduce() {}`),
    texts: ['a'],
    mapCount: 1,
    reduceCount: 1,
  });
  expect((await failureOf(planned.run('map', 0))).message).toContain(message);
});

test('a request of another run, for a committed task, or for an attempt that has begun is refused and changes nothing', async () => {
  const planned = await PlannedRun.make({ job: 'word-count', texts: ['a b\n'], mapCount: 2, reduceCount: 1 });
  expect(await failureOf(planned.run('map', 0, 1, { runId: 'other-run' }))).toMatchObject({ kind: 'refused' });
  await planned.runAndCommit('map', 0);
  expect(await failureOf(planned.run('map', 0, 2))).toMatchObject({ kind: 'refused' });
  await planned.run('map', 1);
  expect(await failureOf(planned.run('map', 1))).toMatchObject({ kind: 'refused' });
  expect(readdirSync(planned.workspace.attempts)).toEqual(['this-run.map-1.1']);
  expect(existsSync(planned.workspace.mapOutput(0))).toBe(true);
});

test('changes to an object after its emit do not affect the output', async () => {
  const job = jobFile(
    "map(_line: string, { emit }: any) { emit('k', shared); shared.n++; }, reduce: (key, values: any) => [[key, [...values].map(({ n }) => n)]] });\nconst shared = { n: 0 };\n(0, {",
  );
  const planned = await PlannedRun.make({ job, texts: ['a\nb\nc\n'], mapCount: 1, reduceCount: 1 });
  expect(await planned.outputs()).toEqual(['k\t[0,1,2]\n']);
});

test.for([
  [
    'more than 1,000 counters',
    'for (let at = 0; at <= 1000; at++) context.count(`c${at}`)',
    /at most 1,000 counters, found one more, "c1000"/,
  ],
  ['a name of 101 characters', "context.count('x'.repeat(101))", /a name of at most 100 characters, found 101: "x/],
] as const)('%s fail the attempt as an error of the job, with its record', async ([, body, says]) => {
  const job = jobFile(`map(_line: string, context) { ${body}; }, reduce() {}`);
  const planned = await PlannedRun.make({ job, texts: ['a\n'], mapCount: 1, reduceCount: 1 });
  const failure = await failureOf(planned.run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', place: { offset: 0 } });
  expect(failure.message).toMatch(says);
});

test('the maximum number of counters is accepted', async () => {
  const body = "for (let at = 0; at < 1000; at++) context.count(String(at).padStart(100, 'é'))";
  const job = jobFile(`map(_line: string, context) { ${body}; }, reduce() {}`);
  const planned = await PlannedRun.make({ job, texts: ['a\n'], mapCount: 1, reduceCount: 1 });
  expect((await planned.run('map', 0)).counters).toHaveLength(1000);
});

test('counting by something other than a number fails the attempt as an error of the job', async () => {
  const job = jobFile("map(_line: string, context) { context.count('sum', NaN); }, reduce() {}");
  const planned = await PlannedRun.make({ job, texts: ['a\n'], mapCount: 1, reduceCount: 1 });
  expect(await failureOf(planned.run('map', 0))).toMatchObject({ kind: 'job' });
});

test.for([
  ['a Map', 'new Map([[line, 1]])', '[...(value as Map<string, number>)]'],
  ['a Set', 'new Set([line, line])', '[...(value as Set<string>)]'],
  ['a Date', 'new Date(line.length)', 'value'],
  ['a bigint', '2n ** 100n', 'String(value)'],
  ['bytes', 'Buffer.from(line)', '[...(value as Buffer)]'],
  ['undefined', 'undefined', 'value === undefined'],
  ['half a surrogate pair', "'\\ud800'", '(value as string).codePointAt(0)'],
] as const)('a value of the kind %s is the same in reduce as in a sequential run', async ([, emitted, result]) => {
  const job = jobFile(
    `*map(line: string) { yield ['k', ${emitted} as unknown]; }, reduce: (key, [value]) => [[key, ${result}]]`,
  );
  const planned = await PlannedRun.make({ job, texts: ['ab\n'], mapCount: 1, reduceCount: 1 });
  const sequential = await planned.sequential();
  expect(sequential).toHaveLength(1);
  expect(await planned.outputs()).toEqual(sequential);
});

test.for(['() => {}', 'Symbol()', 'Promise.resolve(1)'])(
  'a value that is not data fails the attempt: %s',
  async (value) => {
    const job = jobFile(`*map() { yield ['k', (${value}) as unknown]; }, reduce() {}`);
    const planned = await PlannedRun.make({ job, texts: ['a\n'], mapCount: 1, reduceCount: 1 });
    expect(await failureOf(planned.run('map', 0))).toMatchObject({
      kind: 'job',
      place: { file: '0.txt', slice: 0, offset: 0 },
    });
  },
);
