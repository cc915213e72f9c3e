import { rmSync } from 'node:fs';

import { expect, onTestFinished, test } from 'vitest';

import type { AnswerLine, AttemptFailure, TaskRequest } from '../../../src/protocol.ts';
import type { TaskKind } from '../../../src/task-ids.ts';
import { Executor } from '../../../src/worker/executor.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';
import { until } from '../../fixtures/until.ts';

const HEAP_BYTES = 64 << 20;
/** The second record of the first map task runs away; the second map task is normal. */
const TEXTS = ['ok\nbad\n', 'ok\nok\n'];
const PLACE = { file: '0.txt', slice: 0, offset: 3 };

/** A run of a job whose map does `what` at the record `bad`, and an executor that runs its tasks. */
async function runawayRun(what: string, rest = 'reduce: sum') {
  const job = jobFile(
    `map(line: string, { emit }) { if (line === 'bad') { ${what} } emit(line, 1); }, ${rest} });\nconst kept: any[] = [];\n(0, {`,
  );
  const planned = await PlannedRun.make({ job, texts: TEXTS, mapCount: 2, reduceCount: 1 });
  const executor = new Executor();
  onTestFinished(() => executor.close());
  const run = (kind: TaskKind, task: number, changes: Partial<TaskRequest> = {}): Promise<AnswerLine> =>
    executor.run({ kind, request: { ...planned.request(task), ...changes } });
  return { planned, executor, run };
}

function failureIn(line: AnswerLine): AttemptFailure {
  return line.type === 'failed' ? line.failure : expect.unreachable(JSON.stringify(line));
}

test.for([
  ['strings', "for (;;) kept.push(line.repeat(3) + kept.length + 'x'.repeat(100))"],
  ['objects', 'for (;;) kept.push({ line, at: kept.length })'],
  ['numbers in one array, which grows by megabytes at a time', 'for (;;) kept.push(1.5)'],
  ['entries of a Map', 'const map = new Map(); kept.push(map); for (let at = 0; ; at++) map.set(at + 0.5, at);'],
] as const)('a map that piles up %s fails its attempt at the record, and the next task runs', async ([, what]) => {
  const { run } = await runawayRun(what);
  const failure = failureIn(await run('map', 0, { heapBytes: HEAP_BYTES }));
  expect(failure).toEqual({
    kind: 'memory',
    message: "out of memory: the job's code used more than its limit of 64 MiB of heap",
    place: PLACE,
  });
  expect(await run('map', 1, { heapBytes: HEAP_BYTES })).toMatchObject({ type: 'done' });
});

test('a map that piles up Buffers, which are outside of the heap, fails its attempt at the record', async () => {
  const { run } = await runawayRun('for (;;) kept.push(Buffer.alloc(16 << 20, 1))');
  expect(failureIn(await run('map', 0, { heapBytes: HEAP_BYTES }))).toEqual({
    kind: 'memory',
    message: "out of memory: the job's code used more than its limit of 64 MiB outside of the heap, such as in Buffers",
    place: PLACE,
  });
  expect(await run('map', 1, { heapBytes: HEAP_BYTES })).toMatchObject({ type: 'done' });
});

test('a rejection that nobody awaits fails its attempt, even if that has nothing left to do', async () => {
  const { run } = await runawayRun("void Promise.reject(new Error('nobody cares'));");
  expect(failureIn(await run('map', 0))).toMatchObject({
    kind: 'job',
    message: "the job's code threw outside of map and reduce: nobody cares",
  });
  expect(await run('map', 1)).toMatchObject({ type: 'done' });
});

test('Buffers that are garbage do not count towards the limit', async () => {
  const { run } = await runawayRun('for (let round = 0; round < 200; round++) kept[0] = Buffer.alloc(16 << 20, 1);');
  expect(await run('map', 0, { heapBytes: HEAP_BYTES })).toMatchObject({ type: 'done' });
});

test('garbage does not count as heap: a map that makes more of it than the limit succeeds', async () => {
  const { run } = await runawayRun(
    'for (let round = 0; round < 60; round++) for (let at = 0, list: any = {}; at < 100_000; at++) list = { list: at % 1000 === 0 ? {} : list, at };',
  );
  expect(await run('map', 0, { heapBytes: HEAP_BYTES })).toMatchObject({ type: 'done' });
});

test('a reduce that piles up fails its attempt at the key', async () => {
  const { planned, run } = await runawayRun(
    '',
    'reduce(key) { if (key === "ok") for (;;) kept.push({ key }); return 1; }',
  );
  await planned.runAndCommit('map', 0);
  await planned.runAndCommit('map', 1);
  expect(failureIn(await run('reduce', 0, { heapBytes: HEAP_BYTES }))).toMatchObject({
    kind: 'memory',
    place: { key: 'ok' },
  });
});

test('process.exit() in the code of a job fails its attempt at the record', async () => {
  const { run } = await runawayRun('process.exit(3);');
  expect(failureIn(await run('map', 0))).toEqual({
    kind: 'job',
    message: expect.stringMatching(/^the job's code called process\.exit\(3\) at \S+\.ts:\d+$/) as string,
    place: PLACE,
  });
  expect(await run('map', 1)).toMatchObject({ type: 'done' });
});

test('an error that nobody could catch fails the attempt at its record', async () => {
  const { run } = await runawayRun(
    "setImmediate(() => { throw new RangeError('late'); }); return new Promise(() => {}) as never;",
  );
  const failure = failureIn(await run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', place: PLACE });
  expect(failure.message).toContain('late');
});

test('while map does not return, progress shows its record; cancelled, it ends', async () => {
  const { executor, run } = await runawayRun('for (;;) {}');
  const running = run('map', 0);
  await until('map is at its second record', () => {
    const line = executor.progressLine();
    return line.type === 'progress' && line.records === 1;
  });
  expect(executor.progressLine()).toMatchObject({ type: 'progress', records: 1, bytes: 0, place: PLACE });
  executor.cancel();
  expect(failureIn(await running)).toMatchObject({ kind: 'refused' });
  await until('the thread has ended', () => !executor.busy);
  expect(await run('map', 1)).toMatchObject({ type: 'done' });
});

test('an attempt does not report the place of the attempt before it', async () => {
  const { run, planned } = await runawayRun('throw new Error();');
  expect(failureIn(await run('map', 0))).toMatchObject({ place: PLACE });
  rmSync(planned.workspace.chunk(1));
  const failure = failureIn(await run('map', 1));
  expect([failure.kind, failure.place]).toEqual(['corrupt', undefined]);
});
