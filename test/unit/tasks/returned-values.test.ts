// Tests the return values of map, combine and reduce, and the messages about wrong ones, in tasks and in a sequential run.

import { expect, test } from 'vitest';

import { failureOf, jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const RECORD = { file: '0.txt', slice: 0, offset: 3 };
const KEY = { key: 'bad' };

/** Plans a run of a job of plain JavaScript over two records. */
async function planned(fields: string, before = ''): Promise<PlannedRun> {
  const job = jobFile(`${fields} } as any);\n${before}\n(0, {`);
  return PlannedRun.make({ job, texts: ['ok\nbad\nbad\n'], mapCount: 1, reduceCount: 1 });
}

/** Returns the message with which the sequential run of a job ends. */
async function sequentialError(run: PlannedRun): Promise<string> {
  return run.sequential().then(
    (lines) => expect.unreachable(`sequential succeeded: ${lines.join('')}`),
    (error: unknown) => (error as Error).message,
  );
}

const COUNT = 'reduce: (key, values) => [...values].length';
/** Returns a map that is correct for the first record. */
const at = (code: string): string =>
  `map(line, { emit, ...context }) { if (line === 'ok') return [[line, 1]]; ${code} }, ${COUNT}`;
const generating = (code: string): string =>
  `*map(line, { emit }) { if (line === 'ok') return void (yield [line, 1]); ${code} }, ${COUNT}`;

test.for([
  [
    'a yielded word',
    generating('yield line'),
    'map yielded the text "bad"; expected a [key, value] pair, such as ["bad", 1]',
  ],
  [
    'pairs that a generator returns',
    generating('return [[line, 1]]'),
    'the generator of map returned an array of 1 element; expected it to yield all [key, value] pairs',
  ],
  ['a yielded number', generating('yield 5'), 'map yielded the number 5; expected a [key, value] pair'],
  ['a yield without a value', generating('yield'), 'map yielded undefined; expected a [key, value] pair'],
  ['a key alone', generating('yield [line]'), 'map yielded an array of 1 element; expected a [key, value] pair'],
  ['a triple', generating('yield [line, 1, 2]'), 'map yielded an array of 3 elements; expected a [key, value] pair'],
  [
    'an object instead of a pair',
    generating('yield { key: line, value: 1 }'),
    'map yielded an object; expected a [key, value] pair',
  ],
  [
    'a promise instead of a pair',
    generating('yield Promise.resolve([line, 1])'),
    'map yielded a promise; expected a [key, value] pair',
  ],
  [
    'a list in place of a pair',
    generating('yield [[line, 1]]'),
    'map yielded an array of 1 element; expected a [key, value] pair',
  ],
  [
    'one returned pair',
    at('return [line, 1]'),
    'map returned an array with the text "bad" in it; expected [key, value] pairs; to give one pair, return [[key, value]]',
  ],
  [
    'returned texts',
    at("return ['a', 'b']"),
    'map returned an array with the text "a" in it; expected [key, value] pairs; to give one pair, return [[key, value]]',
  ],
  [
    'a list of words',
    at("return line.split('')"),
    'map returned an array with the text "b" in it; expected [key, value] pairs',
  ],
  [
    'promises of pairs',
    at('return [line].map(async (word) => [word, 1])'),
    'map returned an array with a promise in it; expected [key, value] pairs: await Promise.all(…) first',
  ],
  ['a text', at('return line'), 'map returned the text "bad"; expected nothing, or an iterable of [key, value] pairs'],
  [
    'an object',
    at('return { line }'),
    'map returned an object; expected nothing, or an iterable of [key, value] pairs',
  ],
  ['null', at('return null'), 'map returned null; expected nothing'],
  ['a function', at('return () => 1'), 'map returned a function; expected nothing'],
  ['a promise of a text', at('return Promise.resolve(line)'), 'map returned the text "bad"; expected nothing'],
  [
    'a pair that an async generator returns',
    `async *map(line) { yield [line, 1]; if (line === 'bad') return [line, 1]; }, ${COUNT}`,
    'the generator of map returned an array of 2 elements; expected it to yield all [key, value] pairs',
  ],
  [
    'a word yielded later',
    `async *map(line) { if (line === 'ok') yield [line, 1]; else yield line; }, ${COUNT}`,
    'map yielded the text "bad"; expected a [key, value] pair',
  ],
  ['a number as a key', at('emit(7, 1)'), 'map emitted a key that is the number 7; expected a string or Bytes'],
  ['nothing as a key', at('emit(undefined, 1)'), 'map emitted a key that is undefined; expected a string or Bytes'],
  [
    'an array as a key',
    at("emit(['a'], 1)"),
    'map emitted a key that is an array of 1 element; expected a string or Bytes',
  ],
  [
    'a Buffer as a key',
    at("emit(Buffer.from('a'), 1)"),
    'map emitted a key that is a Buffer; expected a string or Bytes',
  ],
  ['a boxed text as a key', at('emit(new String(line), 1)'), 'map emitted a key that is a boxed string'],
  ['a promise as a key', at('emit(Promise.resolve(line), 1)'), 'map emitted a key that is a promise'],
  [
    'a number for keys',
    at('emit.each(5, 1)'),
    'emit.each: expected an iterable of keys, such as an array, found the number 5',
  ],
  [
    'a promise as a value',
    at('emit(line, Promise.resolve(1))'),
    'expected data as a value, found a promise: await it first',
  ],
  [
    'a function in a value',
    at('emit(line, { a: [() => 1] })'),
    'expected data as a value, found a function at value.a[0]',
  ],
  [
    'a class instance as a value',
    at('emit(line, new URL("http://a/"))'),
    'expected data as a value, found an instance of URL',
  ],
  [
    'Bytes in a value',
    at("emit(line, [new Bytes(Buffer.from('a'))])"),
    'expected data as a value, found Bytes at value[0]: take its toString()',
  ],
  ['a counter without a name', at('context.count()'), "count: expected a text as a counter's name, found undefined"],
  [
    'a count that is not a number',
    at("context.count('n', '1')"),
    'counter "n": expected a finite number, found the text "1"',
  ],
] as const)('a map that gives %s fails, and the record is named', async ([, map, message]) => {
  const run = await planned(map, "import { Bytes } from 'http-mapreduce';");
  const failure = await failureOf(run.run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', place: RECORD });
  expect(failure.message).toContain(message);
  expect(await sequentialError(run)).toContain(`test failed at the record at byte 3 of 0.txt: ${message}`);
});

const reducing = (code: string): string =>
  `map: (line) => [[line, 1]], reduce(key, values, { emit, ...context }) { if (key !== 'bad') return 1; ${code} }`;
const reducingAll = (code: string): string =>
  `map: (line) => [[line, 1]], *reduce(key, values, { emit, ...context }) { if (key !== 'bad') return; ${code} }`;
const NO_ARRAY = 'the values of key "bad" are not an array';

test.for([
  ['values.length', reducing('return values.length'), `values.length: ${NO_ARRAY}`],
  ['values[0]', reducing('return values[0]'), `values[0]: ${NO_ARRAY}`],
  ['values.map', reducing('return values.map((value) => value)'), `values.map: ${NO_ARRAY}`],
  ['values.reduce', reducing('return values.reduce((a, b) => a + b, 0)'), `values.reduce: ${NO_ARRAY}`],
  ['the values as a text', reducing('return `${values}`'), `String(values): ${NO_ARRAY}`],
  ['the values in JSON', reducing('return JSON.stringify({ values })'), `JSON.stringify(values): ${NO_ARRAY}`],
  [
    'its values',
    reducing('return values'),
    'reduce returned its values; expected one value made of them, or [key, value] pairs',
  ],
  [
    'a result that a generator returns',
    reducingAll('return 7'),
    'the generator of reduce returned the number 7; expected it to yield all [key, value] pairs',
  ],
  [
    'a yielded word',
    reducingAll('yield key'),
    'reduce yielded the text "bad"; expected a [key, value] pair, such as ["bad", 1]',
  ],
  ['a yielded number', reducingAll('yield 1'), 'reduce yielded the number 1; expected a [key, value] pair'],
  [
    'a word yielded later',
    `map: (line) => [[line, 1]], async *reduce(key) { if (key === 'bad') yield key; }`,
    'reduce yielded the text "bad"; expected a [key, value] pair',
  ],
  [
    'a number as a key',
    reducing('emit(7, 1)'),
    'reduce emitted a key that is the number 7; expected a string or Bytes',
  ],
  [
    'a Map in a pair',
    reducing("return [['a', new Map([['a', 1]])]]"),
    'found a Map: write Object.fromEntries(map) or [...map]',
  ],
  ['a Set in an object', reducing('return { words: new Set([1]) }'), 'found a Set at result.words: write [...set]'],
  ['a RegExp', reducing('return /a/'), 'found a RegExp'],
  ['an error', reducing("return new Error('boom')"), 'found an error ("boom")'],
  ['a function', reducing('return () => 1'), 'found a function'],
  [
    'promises in an array',
    reducing('return [Promise.resolve(1)]'),
    'reduce returned an array with a promise in it; expected [key, value] pairs: await Promise.all(…) first',
  ],
  [
    'promises in a value',
    reducing('return { all: [Promise.resolve(1)] }'),
    'found a promise at result.all[0]: await it first',
  ],
  [
    'an array without pairs',
    reducing('return [1, 2]'),
    'reduce returned an array with the number 1 in it; expected [key, value] pairs; if the array is the value of the key, return [[key, array]]',
  ],
  [
    'a pair outside of an array',
    reducing("return ['a', 1]"),
    'reduce returned an array with the text "a" in it; expected [key, value] pairs; to give one pair, return [[key, value]]',
  ],
  ['a promise in a pair', reducingAll('yield [key, Promise.resolve(1)]'), 'found a promise: await it first'],
  ['undefined in an object', reducing('return { a: undefined }'), 'found undefined at result.a'],
  ['NaN in an array', reducing('return [[key, [NaN]]]'), 'found NaN, which JSON cannot represent at result[0]'],
  [
    'Bytes in an array',
    reducing("return [[key, [new Bytes(Buffer.from('a'))]]]"),
    'found Bytes at result[0]: write its toString()',
  ],
  ['a Set', reducing('return new Set([1, 2])'), 'reduce yielded the number 1; expected a [key, value] pair'],
  ['an iterator', reducing('return [1, 2].values()'), 'reduce yielded the number 1; expected a [key, value] pair'],
  [
    'a counter without a name',
    reducing('context.count()'),
    "count: expected a text as a counter's name, found undefined",
  ],
] as const)('a reduce that gives %s fails, and the key is named', async ([, reduce, message]) => {
  const run = await planned(reduce, "import { Bytes } from 'http-mapreduce';");
  await run.runAndCommit('map', 0);
  const failure = await failureOf(run.run('reduce', 0));
  expect(failure).toMatchObject({ kind: 'job', place: KEY });
  expect(failure.message).toContain(message);
  const sequential = await sequentialError(run);
  expect(sequential).toContain('test failed at reduce of key "bad": ');
  expect(sequential).toContain(message);
});

test.for([
  [
    'sum of texts',
    "map: (line) => [[line, line === 'bad' ? '1' : 1]], reduce: sum",
    'sum of key "bad": expected numbers, found the text "1"; emit Number(value)',
  ],
  [
    'sum of nothing',
    "map: (line) => [[line, line === 'bad' ? undefined : 1]], reduce: sum",
    'sum of key "bad": expected numbers, found undefined',
  ],
  [
    'the smallest of nulls',
    "map: (line) => [[line, line === 'bad' ? null : 1]], reduce: min",
    'min of key "bad": expected numbers, found null',
  ],
  [
    'the largest of bigints',
    "map: (line) => [[line, line === 'bad' ? 1n : 1]], reduce: max",
    'max of key "bad": expected numbers, found the bigint 1n',
  ],
  [
    'identity of Maps',
    "map: (line) => [[line, line === 'bad' ? new Map() : 1]], reduce: identity",
    'found a Map: write Object.fromEntries(map)',
  ],
] as const)('a built-in reducer refuses wrong values, and names the key: %s', async ([, fields, message]) => {
  const run = await planned(fields, "import { identity, max, min } from 'http-mapreduce';");
  await run.runAndCommit('map', 0);
  const failure = await failureOf(run.run('reduce', 0));
  expect(failure).toMatchObject({ kind: 'job', place: KEY });
  expect(failure.message).toContain(message);
  expect(await sequentialError(run)).toContain(message);
});

test('sum refuses a single text in the same way as two', async () => {
  for (const combine of ['', 'combine: sum, ']) {
    const run = await planned(`map: (line) => (line === 'ok' ? [[line, 'one']] : []), ${combine}reduce: sum`);
    await run.runAndCommit('map', 0);
    expect((await failureOf(run.run('reduce', 0))).message).toContain(
      'sum of key "ok": expected numbers, found the text "one"',
    );
  }
});

const ONE_VALUE = 'expected one value, which stands for all values of the key';

test.for([
  [
    'nothing',
    'combine(key, values) { let total = 0; for (const value of values) total += value; }',
    `combine returned nothing; ${ONE_VALUE}`,
  ],
  ['a promise', 'combine: async (key, values) => [...values].length', `combine returned a promise; ${ONE_VALUE}`],
  ['its values', 'combine: (key, values) => values', `combine returned its values; ${ONE_VALUE}`],
  ['a generator', '*combine(key, values) { yield 1; }', `combine returned a generator; ${ONE_VALUE}`],
  ['the generator of identity', 'combine: identity', `combine returned a generator; ${ONE_VALUE}`],
  [
    'NaN of numbers',
    'combine(key, values) { let total; for (const value of values) total += value; return total; }',
    `combine returned NaN; ${ONE_VALUE}`,
  ],
  ['a function', 'combine: () => () => 1', 'expected data as a value, found a function'],
  [
    'the number of values, as if they were an array',
    'combine: (key, values) => values.length',
    `values.length: ${NO_ARRAY}`,
  ],
] as const)('a combine that gives %s fails, and the key is named', async ([, combine, message]) => {
  const run = await planned(
    `map: (line) => [[line, 1]], ${combine}, reduce: sum`,
    "import { identity } from 'http-mapreduce';",
  );
  const failure = await failureOf(run.run('map', 0));
  expect(failure).toMatchObject({ kind: 'job', place: { key: 'bad', of: 'combine' } });
  expect(failure.message).toContain(message);
});

test('values that combine keeps do not become those of another key later', async () => {
  const run = await planned(
    `map: (line) => [[line, 1], [line, 1]],
    combine(key, values) {
      if (kept !== undefined) return [...kept].length;
      kept = values;
      return 1;
    }, reduce: sum`,
    'let kept: any;',
  );
  expect((await failureOf(run.run('map', 0))).message).toMatch(/the values of key "\w+" can be read once/);
});

test('NaN may be combined if it was emitted', async () => {
  const run = await planned(
    'map: (line) => [[line, NaN]], combine: (key, values) => Math.max(...values), reduce: max',
    "import { max } from 'http-mapreduce';",
  );
  expect(await run.outputs()).toEqual(['bad\tNaN\nok\tNaN\n']);
  expect(await run.sequential()).toEqual(['bad\tNaN\n', 'ok\tNaN\n']);
});

test('reduce may be an async generator', async () => {
  const run = await planned(
    `map: (line) => [[line, 1]],
    async *reduce(key, values) {
      for (const value of values) {
        await null;
        yield [key, value];
      }
    }`,
  );
  expect(await run.outputs()).toEqual(['bad\t1\nbad\t1\nok\t1\n']);
  expect(await run.sequential()).toEqual(['bad\t1\n', 'bad\t1\n', 'ok\t1\n']);
});
