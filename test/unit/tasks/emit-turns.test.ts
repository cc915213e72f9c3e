// Tests pairs that come late: after map or reduce has returned, and during the turn of another record or key.

import { expect, test } from 'vitest';

import { failureOf, jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const LINES = Array.from({ length: 40 }, (_, at) => `line ${at}`);
const TEXT = LINES.join('\n');
const offsetOf = (line: string): number => TEXT.indexOf(line);
const LATE = /^(?:map|reduce) emitted .* after it had returned.*; await everything it starts before it returns/;

async function planned(fields: string, before = ''): Promise<PlannedRun> {
  const job = jobFile(`${fields} } as any);\nimport { byteLines } from 'http-mapreduce';\n${before}\n(0, {`);
  return PlannedRun.make({ job, texts: [TEXT], mapCount: 1, reduceCount: 1 });
}

async function sequentialError(run: PlannedRun): Promise<string> {
  return run.sequential().then(
    (lines) => expect.unreachable(`sequential succeeded: ${lines.join('')}`),
    (error: unknown) => (error as Error).message,
  );
}

const REDUCE = 'reduce: (key, values) => [...values].length';

test.for([
  [
    'forEach with an async function',
    'map(line, { emit }) { line.split(" ").forEach(async (word) => { await null; emit(word, 1); }); }',
  ],
  ['an unawaited promise', 'map(line, { emit }) { void Promise.resolve().then(() => emit(line, 1)); }'],
  ['an immediate', 'map(line, { emit }) { setImmediate(() => emit(line, 1)); }'],
  ['a tick', 'map(line, { emit }) { process.nextTick(() => emit(line, 1)); }'],
  [
    'a promise that async map does not await',
    'async map(line, { emit }) { await null; setImmediate(() => emit(line, 1)); }',
  ],
  ['an async generator', 'async *map(line, { emit }) { setImmediate(() => emit(line, 1)); yield [line, 1]; }'],
  ['emit.each', 'map(line, { emit }) { void Promise.resolve().then(() => emit.each([line], 1)); }'],
  [
    'the view of a record',
    'input: byteLines(), map(line, { emit }) { void Promise.resolve().then(() => emit(line, 1)); }',
  ],
  [
    'an error that the job catches',
    'map(line, { emit }) { void Promise.resolve().then(() => { try { emit(line, 1); } catch {} }); }',
  ],
  ['a kept emit', 'map(line, { emit }) { kept ??= emit; kept(line, 1); }', 'let kept: any;'],
] as const)('a map that emits late fails, and the record is named: %s', async ([, map, before]) => {
  const run = await planned(`${map}, ${REDUCE}`, before);
  const failure = await failureOf(run.run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', place: { file: '0.txt', slice: 0, offset: 0 } });
  expect(failure.message).toMatch(LATE);
  expect(await sequentialError(await planned(`${map}, ${REDUCE}`, before))).toMatch(
    /^test failed at the record at byte 0 of 0\.txt: map emitted .* after it had returned/,
  );
});

test('a record far after the first is named by the second attempt', async () => {
  const run = await planned(
    `map(line, { emit }) { if (line === 'line 33') setImmediate(() => emit('late', 1)); }, ${REDUCE}`,
  );
  const first = await failureOf(run.run('map', 0));
  expect(first).toMatchObject({
    kind: 'job',
    message: expect.stringContaining('at a record that is unknown') as string,
  });
  expect(first).not.toHaveProperty('place');
  const second = await failureOf(run.run('map', 0, 2));
  expect(second).toMatchObject({ kind: 'job', place: { offset: offsetOf('line 33') } });
  expect(second.message).toMatch(/^map emitted the key "late" after it had returned; /);
});

test('work that one record has left running does not count for another record that waits', async () => {
  const run = await planned(
    `async map(line, { emit }) {
      if (line === 'line 20') void later().then(later).then(later).then(() => emit('of 20', 1));
      await later();
    }, ${REDUCE}`,
    'const later = () => new Promise(setImmediate);',
  );
  const failure = await failureOf(run.run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', place: { offset: offsetOf('line 20') } });
  expect(failure.message).toContain('map emitted the key "of 20" after it had returned');
});

test('a map that waits now and then may emit while it waits', async () => {
  const run = await planned(
    `map(line, { emit }) {
      emit('at once', 1);
      if (Number(line.slice(5)) % 20 < 19) return;
      return new Promise(setImmediate).then(() => emit(line, 1));
    }, ${REDUCE}`,
  );
  expect(await run.outputs()).toEqual(['at once\t40\nline 19\t1\nline 39\t1\n']);
  expect(await run.sequential()).toEqual(['at once\t40\n', 'line 19\t1\n', 'line 39\t1\n']);
});

test.for([
  ['an unawaited promise', 'reduce(key, values, { emit }) { void Promise.resolve().then(() => emit(key, 1)); }'],
  [
    'forEach with an async function',
    'reduce(key, values, { emit }) { [...values].forEach(async (value) => { await null; emit(key, value); }); }',
  ],
  [
    'a promise that async reduce does not await',
    'async reduce(key, values, { emit }) { setImmediate(() => emit(key, 1)); await null; }',
  ],
] as const)('a reduce that emits late fails, and the key is named: %s', async ([, reduce]) => {
  const run = await planned(`map: (line) => [[line, 1]], ${reduce}`);
  await run.runAndCommit('map', 0);
  const failure = await failureOf(run.run('reduce', 0));
  expect(failure).toMatchObject({ kind: 'job', place: { key: 'line 0' } });
  expect(failure.message).toMatch(LATE);
  expect(await sequentialError(run)).toMatch(
    /^test failed at reduce of key "line 0": reduce emitted .* after it had returned/,
  );
});

test('values that are read after reduce has returned are not those of another key', async () => {
  const run = await planned(
    `map: (line) => [[line, line]],
    reduce(key, values) {
      const iterator = values[Symbol.iterator]();
      const found = kept?.next().value;
      kept = iterator;
      return found;
    }`,
    'let kept: any;',
  );
  await run.runAndCommit('map', 0);
  const failure = await failureOf(run.run('reduce', 0));
  expect(failure).toMatchObject({ kind: 'job', place: { key: 'line 1' } });
  expect(failure.message).toContain('the values of key "line 0" can be read once, while reduce has the key');
});

test('a pair that comes after its attempt has succeeded ends the run, because no other attempt has it', async () => {
  const job = jobFile(
    `map(line, { emit }) { kept ??= emit; if (line === 'b') kept('late', 1); }, ${REDUCE} } as any);\nlet kept: any;\n(0, {`,
  );
  const run = await PlannedRun.make({ job, texts: ['a', 'b'], mapCount: 2, reduceCount: 1 });
  await run.runAndCommit('map', 0);
  const failure = await failureOf(run.run('map', 1));
  expect(failure).toMatchObject({ kind: 'usage', place: { file: '0.txt', offset: 0 } });
  expect(failure.message).toContain('map-0.1 had ended when map emitted the key "late" after it had returned');
  expect(await failureOf(run.run('map', 1, 2))).toMatchObject({ kind: 'usage' });
});

test('a late pair of a failed attempt is ignored', async () => {
  const job = jobFile(
    `map(line, { emit }) {
      if (line === 'bad') { kept = emit; throw new Error('boom'); }
      kept?.('late', 1);
      emit(line, 1);
    }, ${REDUCE} } as any);\nlet kept: any;\n(0, {`,
  );
  const run = await PlannedRun.make({ job, texts: ['bad', 'good'], mapCount: 2, reduceCount: 1 });
  expect(await failureOf(run.run('map', 0))).toMatchObject({ message: 'boom' });
  expect(await run.run('map', 1)).toMatchObject({ recordsOut: 1 });
});

test('a counter that is changed after the report of its attempt ends the run', async () => {
  const job = jobFile(
    `map(line, { emit, count }) { kept ??= count; if (line === 'b') kept('late'); }, ${REDUCE} } as any);\nlet kept: any;\n(0, {`,
  );
  const run = await PlannedRun.make({ job, texts: ['a', 'b'], mapCount: 2, reduceCount: 1 });
  await run.runAndCommit('map', 0);
  const failure = await failureOf(run.run('map', 1));
  expect(failure).toMatchObject({
    kind: 'usage',
    message: 'map-0.1 had ended when the job added to the counter "late"',
  });
});
