import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { failureOf, jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const TEXT = 'Ab Cd ab É1 é1 x\nb b Ab\n\nlast Line É1';

/** Returns the output of a job's tasks, and that of a sequential run, as sorted lines. */
async function outputs(
  job: string,
  { texts = [TEXT], mapBufferBytes = 1 << 20, params = {} } = {},
): Promise<{ found: string[]; sequential: string[] }> {
  const planned = await PlannedRun.make({ job, texts, mapCount: 2, reduceCount: 2, mapBufferBytes, params });
  const found = (await planned.outputs()).flatMap((output) => output.match(/[^\n]*\n/g) ?? []).sort();
  return { found, sequential: (await planned.sequential()).sort() };
}

const COUNT = 'combine: sum, reduce: sum';
const LIST = "reduce: (_key: string, values: Iterable<unknown>) => [...values].map(String).join(',')";

test.for([
  ['an array', "line.split(' ')", '1', COUNT],
  ['a set', "new Set(line.split(' '))", '1', COUNT],
  ['a string, whose characters are the keys', 'line', '1', COUNT],
  ['an empty array', '[]', '1', COUNT],
  ['words of a string', 'words(line)', '1', COUNT],
  ['words of bytes', 'words(new Bytes(Buffer.from(line)))', '1', COUNT],
  ['bytes and strings', '[line, new Bytes(Buffer.from(line))]', '1', COUNT],
  ['words with a text', 'words(line)', 'line', LIST],
  ['words with null', 'words(line)', 'null', LIST],
  ['words with an object', 'words(line)', '{ line }', LIST],
  ['words with a fraction, and no combiner', 'words(line)', '0.5', LIST],
  ['words with a signed zero', 'words(line)', '-0', LIST],
] as const)('emit.each takes any keys and values: %s', async ([, keys, value, rest]) => {
  const job = jobFile(
    `map(line: string, { emit }: MapContext<any>) { emit.each(${keys}, ${value}); }, ${rest} });\n` +
      "import { Bytes, type MapContext, type ReduceContext, words } from 'http-mapreduce';\n(0, {",
  );
  const { found, sequential } = await outputs(job);
  expect(found).toEqual(sequential);
  expect(found.length > 0).toBe(keys !== '[]');
});

test.for([
  ['numbers', '1', COUNT],
  ['numbers, with another combiner', '2', 'combine: max, reduce: sum'],
  ['numbers, without a combiner', '2', LIST],
  ['texts', "'x'", LIST],
  ['null', 'null', LIST],
] as const)(
  'emit.each takes the words of blocks of bytes, with %s, whatever the buffer holds',
  async ([, value, rest]) => {
    const job = jobFile(
      `input: byteBlocks(), map(text: Bytes, { emit }: MapContext<any>) { emit.each(words(text), ${value}); }, ${rest} });\n` +
        "import { byteBlocks, Bytes, max, words, type Emit } from 'http-mapreduce';\n(0, {",
    );
    const texts = [TEXT, Array.from({ length: 150 }, (_, at) => `Word${at % 70} É${at % 9}`).join(' \n')];
    for (const mapBufferBytes of [400, 2000, 1 << 20]) {
      const { found, sequential } = await outputs(job, { texts, mapBufferBytes });
      // A combiner that differs from the reducer changes the result: with it, one value per map task is left.
      if (!rest.includes('max')) expect(found).toEqual(sequential);
      expect(found.length).toBe(sequential.length);
    }
  },
);

test('reduce may use emit.each, too', async () => {
  const job = jobFile(
    "*map(line: string) { yield [line, 1]; }, reduce(key: string, _values: unknown, { emit }: ReduceContext<number>) { emit.each(key.split(' '), 7); } });\n" +
      "import type { Emit } from 'http-mapreduce';\n(0, {",
  );
  const { found, sequential } = await outputs(job);
  expect(found).toEqual(sequential);
  expect(found).toContain('Cd\t7\n');
});

test('an error of the iterable of emit.each is the error of the job', async () => {
  const thrown = "(function* () { yield 'a'; throw new RangeError('no more keys'); })()";
  for (const keys of [thrown, '[1 as never]', 'undefined as never', '5 as never']) {
    const job = jobFile(`map(_line: string, { emit }) { emit.each(${keys}, 1); }, ${COUNT}`);
    const planned = await PlannedRun.make({ job, texts: ['a\n'], mapCount: 1, reduceCount: 1 });
    const failure = await failureOf(planned.run('map', 0));
    expect(failure).toMatchObject({ kind: 'job', place: { file: '0.txt', slice: 0, offset: 0 } });
    if (keys === thrown) expect(failure.message).toBe('no more keys');
    if (keys.startsWith('[1')) expect(failure.message).toContain('a key that is the number 1');
  }
});

test.for(['emit.each(found, 1); emit.each(found, 1);', 'for (const _ of found); emit.each(found, 1);'])(
  'iterating words a second time is an error: %s',
  async (code) => {
    const job = jobFile(
      `input: byteBlocks(), map(text: Bytes, { emit }) { const found = words(text); ${code} }, combine: sum, reduce: sum });\n` +
        "import { byteBlocks, type Bytes, words } from 'http-mapreduce';\n(0, {",
    );
    const run = await PlannedRun.make({ job, texts: ['a b\n'], mapCount: 1, reduceCount: 1 });
    await expect(failureOf(run.run('map', 0))).resolves.toMatchObject({
      kind: 'job',
      message: expect.stringContaining('the words of a record can be iterated once') as string,
    });
    await expect(run.sequential()).rejects.toThrow('the words of a record can be iterated once');
  },
);

test('a value that is not data fails emit.each', async () => {
  const job = jobFile(`map(line: string, { emit }) { emit.each([line], () => {}); }, ${COUNT}`);
  const planned = await PlannedRun.make({ job, texts: ['a\n'], mapCount: 1, reduceCount: 1 });
  expect(await failureOf(planned.run('map', 0))).toMatchObject({ kind: 'job' });
});

test('a map that waits finds its record unchanged, and its later pairs count', async () => {
  const job = jobFile(
    `input: byteLines(), async map(line: Bytes, { emit }: MapContext<number>) {
      for (const word of words(line)) {
        emit(word, 1);
        await null;
      }
      await new Promise(setImmediate);
      emit.each(words(line, { case: 'keep' }), 10);
    }, ${COUNT} });
import { byteLines, Bytes, words, type Emit } from 'http-mapreduce';
(0, {`,
  );
  for (const mapBufferBytes of [200, 1 << 20]) {
    const { found, sequential } = await outputs(job, { mapBufferBytes });
    expect(found).toEqual(sequential);
    expect(found).toContain('b\t22\n');
  }
});

const text = fc
  .array(fc.constantFrom('the', 'The', 'a', 'naïve', 'É', '😀', 'x1', ' ', ' ', '\n', '\r\n', '\ufeff'), {
    maxLength: 80,
  })
  .map((parts) => parts.join(''));

test.for([
  ['word-count', {}],
  ['word-count', { words: 'letters', case: 'keep' }],
  ['inverted-index', {}],
  ['indexer', {}],
  ['grep', { pattern: 'a' }],
] as const)('the job %s %j gives the output of sequential with a tiny buffer', async ([job, params]) => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 3 }), async (texts) => {
      const { found, sequential } = await outputs(job, { texts, mapBufferBytes: 180, params });
      expect(found).toEqual(sequential);
    }),
    { numRuns: 5 },
  );
});
