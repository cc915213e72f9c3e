import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { JobError, SystemError, UsageError } from '../../../src/errors.ts';
import { byteBlocks } from '../../../src/formats/byte-blocks.ts';
import { type AnyJob, defineJob, type MapContext, type ReduceContext } from '../../../src/job.ts';
import { lines } from '../../../src/formats/lines.ts';
import type { SequentialOptions, SequentialProgress } from '../../../src/engine/sequential-run.ts';
import { inputFile } from '../../fixtures/input-files.ts';
import { sequentialLines } from '../../fixtures/sequential-lines.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

/** Returns the output of a job over files `0.txt`, `1.txt`, … with these texts. */
async function run(job: AnyJob, ...texts: string[]): Promise<string> {
  const folder = temporaryFolder();
  const inputs = texts.map((text, index) => inputFile(folder, `${index}.txt`, text));
  return (await sequentialLines({ job, params: { p: 1 }, inputs })).join('');
}

test('keys come in the order of their UTF-8 bytes, values in the order in which they were emitted', async () => {
  const job = defineJob({
    name: 'join',
    *map(line: string) {
      yield [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    },
    reduce: (_key, values) => [...values].join(','),
  });
  expect(await run(job, 'b 1\n\uffff 2\na 3\n', '😀 4\nb 5')).toBe('a\t3\nb\t1,5\n\uffff\t2\n😀\t4\n');
});

test('map gives pairs by yielding, returning or emitting, at once or later', async () => {
  const reduce = (_key: string, values: Iterable<number>): number => [...values].length;
  const jobs: AnyJob[] = [
    {
      name: 'a',
      *map() {
        yield ['k', 1];
      },
      reduce,
    },
    { name: 'b', map: () => [['k', 1]], reduce },
    { name: 'c', map: (_line: string, { emit }: MapContext<number>) => emit('k', 1), reduce },
    {
      name: 'd',
      async *map() {
        yield await Promise.resolve(['k', 1] as const);
      },
      reduce,
    },
    { name: 'e', map: async () => Promise.resolve([['k', 1]] as const), reduce },
  ];
  for (const job of jobs) expect(await run(job, 'one\ntwo\n')).toBe('k\t2\n');
});

test('reduce gives results by returning, yielding or emitting, and may give no result', async () => {
  const map = (line: string, { emit }: MapContext<string>): void => emit(line, line);
  const jobs: [AnyJob['reduce'], string][] = [
    [(key: string) => key.toUpperCase(), 'a\tA\nb\tB\n'],
    [async (key: string) => Promise.resolve(key), 'a\ta\nb\tb\n'],
    [
      function* (key: string) {
        yield [key, 1];
        yield ['x', 2];
      },
      'a\t1\nx\t2\nb\t1\nx\t2\n',
    ],
    [(key: string, _values: unknown, { emit }: ReduceContext) => emit(`${key}${key}`, null), 'aa\nbb\n'],
    [(key: string) => (key === 'a' ? undefined : { key }), 'b\t{"key":"b"}\n'],
    [(key: string) => (key === 'a' ? [] : [[key, [key]]]), 'b\t["b"]\n'],
    [(key: string) => new Map([[key, 1]]), 'a\t1\nb\t1\n'],
  ];
  for (const [reduce, output] of jobs) expect(await run({ name: 'test', map, reduce }, 'b\na\n')).toBe(output);
});

test('a value is not affected by changes after its emit', async () => {
  const shared = { count: 0 };
  const job = defineJob({
    name: 'mutable',
    map(_line: string, { emit }: MapContext<{ count: number }>) {
      shared.count++;
      emit('k', shared);
    },
    reduce: (key, values) => [[key, [...values].map(({ count }) => count)]],
  });
  expect(await run(job, '1\n2\n3\n')).toBe('k\t[1,2,3]\n');
});

test('the context contains file, offset, record and parameters', async () => {
  const job: AnyJob = {
    name: 'context',
    input: lines(),
    map(line: string, { emit, ...context }: MapContext) {
      const { file, offset, index, params } = context;
      emit(`${file} ${index}`, [offset, context.offsetAt(line.indexOf('x')), params]);
    },
    reduce: (key: string, [value]: Iterable<unknown>) => [[key, value]],
  };
  expect(await run(job, 'é x\nx\n', 'x')).toBe(
    '0.txt 0\t[0,3,{"p":1}]\n0.txt 1\t[5,5,{"p":1}]\n1.txt 0\t[0,0,{"p":1}]\n',
  );
});

test('an error that map throws becomes a JobError that names the record', async () => {
  const map = (line: string): void => {
    if (line === 'bad') throw new RangeError('boom');
  };
  const running = run({ name: 'test', map, reduce: () => {} }, 'ok\nbad\n');
  await expect(running).rejects.toThrow(JobError);
  await expect(running).rejects.toThrow('test failed at the record at byte 3 of 0.txt: boom');
});

test('an error that reduce throws becomes a JobError that names the key', async () => {
  const reduce = (): void => {
    throw new RangeError('boom');
  };
  const running = run(
    { name: 'test', map: (_line: string, { emit }: MapContext<number>) => emit('the key', 1), reduce },
    'a',
  );
  await expect(running).rejects.toThrow('test failed at reduce of key "the key": boom');
});

test('the caller is notified of the bytes read, and then of the keys reduced', async () => {
  const told: SequentialProgress[] = [];
  const inputs = ['a b\n', 'c\n'].map((text, index) => inputFile(temporaryFolder(), `${index}.txt`, text));
  const job: AnyJob = { name: 'a', map: (line: string) => line.split('').map((key) => [key, 1]), reduce: () => 1 };
  await sequentialLines({ job, params: {}, inputs, onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([
    { pass: 1, readBytes: 4 },
    { pass: 1, readBytes: 6 },
    { pass: 1, keys: 0, allKeys: 4 },
  ]);
});

const join: AnyJob = {
  name: 'join',
  map: (line: string, { emit }: MapContext<string>) => emit(line.slice(0, 1), line),
  reduce: (_key: string, values: Iterable<string>) => [...values].join(','),
};

test('keys that do not fit into memory at once give the same output in several passes', async () => {
  const someText = fc.array(fc.stringMatching(/^[a-e\u{ffff}😀][0-9]{0,3}$/u), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(someText, fc.integer({ min: 6000, max: 9000 }), async (texts, mostBytes) => {
      const inputs = [inputFile(temporaryFolder(), '0.txt', texts.join('\n'))];
      const whole = { job: join, params: {}, inputs };
      expect(await sequentialLines({ ...whole, mostBytes })).toEqual(await sequentialLines(whole));
    }),
    { numRuns: 30 },
  );
});

test('the memory of the thread is sufficient for any number of keys', async () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `${(index * 7919) % 20_000}\n`).join('');
  const thread = new Worker(new URL('../../fixtures/sequential-thread.ts', import.meta.url), {
    workerData: inputFile(temporaryFolder(), '0.txt', text),
    // The values have 80 MB together.
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  expect(await once(thread, 'message')).toEqual([20_000]);
});

test('each pass is reported by its number', async () => {
  const passes = new Set<number>();
  const lines = Array.from({ length: 100 }, (_, index) => String.fromCharCode(200 + index)).join('\n');
  const inputs = [inputFile(temporaryFolder(), '0.txt', lines)];
  const onProgress: SequentialOptions['onProgress'] = ({ pass }) => passes.add(pass);
  const output = await sequentialLines({ job: join, params: {}, inputs, mostBytes: 10_000, onProgress });
  expect(output).toHaveLength(100);
  expect([...passes].slice(0, 3)).toEqual([1, 2, 3]);
});

test('a key whose values do not fit into memory is not the fault of the job, even if the job catches the error', async () => {
  const map = (line: string, { emit }: MapContext<string>): void => {
    try {
      emit('the key', line);
    } catch {
      // The job continues.
    }
  };
  const inputs = [inputFile(temporaryFolder(), '0.txt', 'line\n'.repeat(1000))];
  const running = sequentialLines({ job: { ...join, map }, params: {}, inputs, mostBytes: 10_000 });
  await expect(running).rejects.toThrow(SystemError);
  await expect(running).rejects.toThrow('found more for the key "the key"');
});

test('records to skip are skipped in each pass, and counted', async () => {
  const inputs = ['a1\nbad\nb2\n', 'bad\nb3\n'].map((text, index) =>
    inputFile(temporaryFolder(), `${index}.txt`, text),
  );
  const job: AnyJob = {
    ...join,
    map: (line: string, { emit, file, index }: MapContext<string>) => {
      if (line === 'bad' && file === '0.txt') throw new Error('bad');
      emit(line.slice(0, 1), `${line} ${index}`);
    },
  };
  const skipped = [{ file: '0.txt', offset: 3 }];
  for (const mostBytes of [700, undefined])
    expect(await sequentialLines({ job, params: {}, inputs, skipped, mostBytes })).toEqual([
      'a\ta1 0\n',
      'b\tb2 2,bad 0,b3 1\n',
    ]);
});

test.for([
  ['that does not exist', lines(), 1, 'the record at byte 1 of 0.txt'],
  ['that may end elsewhere', byteBlocks(), 0, 'records of byteBlocks depend on how the input is cut'],
] as const)('a record to skip %s is a UsageError', async ([, input, offset, message]) => {
  const inputs = [inputFile(temporaryFolder(), '0.txt', 'a\nb\n')];
  const job: AnyJob = { name: 'none', input, map: () => {}, reduce: () => {} };
  const running = sequentialLines({ job, params: {}, inputs, skipped: [{ file: '0.txt', offset }] });
  await expect(running).rejects.toThrow(UsageError);
  await expect(running).rejects.toThrow(message);
});
