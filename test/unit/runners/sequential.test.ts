import { expect, test } from 'vitest';

import { JobError } from '../../../src/errors.ts';
import { type AnyJob, defineJob, type Emit } from '../../../src/job.ts';
import { lines } from '../../../src/formats/lines.ts';
import { runSequential, type SequentialProgress } from '../../../src/runners/sequential.ts';
import { inputFile } from '../../fixtures/input-files.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

/** The output of a job over files `0.txt`, `1.txt`, … with these texts. */
async function run(job: AnyJob, ...texts: string[]): Promise<string> {
  const folder = temporaryFolder();
  const inputs = texts.map((text, index) => inputFile(folder, `${index}.txt`, text));
  return (await runSequential({ job, params: { p: 1 }, inputs })).join('');
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
    { name: 'c', map: (_line: string, emit: Emit<number>) => emit('k', 1), reduce },
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

test('reduce gives results by returning, yielding or emitting; none is none', async () => {
  const map = (line: string, emit: Emit<string>): void => emit(line, line);
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
    [(key: string, _values: unknown, emit: Emit<unknown>) => emit(`${key}${key}`, null), 'aa\nbb\n'],
    [(key: string) => (key === 'a' ? undefined : [key]), 'b\t["b"]\n'],
  ];
  for (const [reduce, output] of jobs) expect(await run({ name: 'test', map, reduce }, 'b\na\n')).toBe(output);
});

test('a value is what it was when it was emitted', async () => {
  const shared = { count: 0 };
  const job = defineJob({
    name: 'mutable',
    map(_line: string, emit: Emit<{ count: number }>) {
      shared.count++;
      emit('k', shared);
    },
    reduce: (_key, values) => [...values].map(({ count }) => count),
  });
  expect(await run(job, '1\n2\n3\n')).toBe('k\t[1,2,3]\n');
});

test('the context says file, offset, record and parameters', async () => {
  const job: AnyJob = {
    name: 'context',
    input: lines(),
    map(line: string, emit: Emit<unknown>, context) {
      const { file, offset, record, params } = context;
      emit(`${file} ${record}`, [offset, context.offsetAt(line.indexOf('x')), params]);
    },
    reduce: (_key, [value]: Iterable<unknown>) => value,
  };
  expect(await run(job, 'é x\nx\n', 'x')).toBe(
    '0.txt 0\t[0,3,{"p":1}]\n0.txt 1\t[5,5,{"p":1}]\n1.txt 0\t[0,0,{"p":1}]\n',
  );
});

test('what map throws is a JobError that names the record', async () => {
  const map = (line: string): void => {
    if (line === 'bad') throw new RangeError('boom');
  };
  const running = run({ name: 'test', map, reduce: () => {} }, 'ok\nbad\n');
  await expect(running).rejects.toThrow(JobError);
  await expect(running).rejects.toThrow('test failed at the record at byte 3 of 0.txt: boom');
});

test('what reduce throws is a JobError that names the key', async () => {
  const reduce = (): void => {
    throw new RangeError('boom');
  };
  const running = run({ name: 'test', map: (_line: string, emit: Emit<number>) => emit('the key', 1), reduce }, 'a');
  await expect(running).rejects.toThrow('test failed at reduce of key "the key": boom');
});

test('who asks is told how much is read, then how many keys are reduced', async () => {
  const told: SequentialProgress[] = [];
  const inputs = ['a b\n', 'c\n'].map((text, index) => inputFile(temporaryFolder(), `${index}.txt`, text));
  const job: AnyJob = { name: 'a', map: (line: string) => line.split('').map((key) => [key, 1]), reduce: () => 1 };
  await runSequential({ job, params: {}, inputs, onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([{ readBytes: 4 }, { readBytes: 6 }, { keys: 0, allKeys: 4 }]);
});
