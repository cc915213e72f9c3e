import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { outputsIn, type Top, topOf } from '../../../src/inspect/top.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

async function top(count: number, ...texts: string[]): Promise<Top> {
  return topOf(written(texts), count);
}

function written(texts: readonly string[]): string[] {
  const folder = temporaryFolder();
  return texts.map((text, index) => {
    const path = join(folder, `out-${index}`);
    writeFileSync(path, text);
    return path;
  });
}

test('the largest numbers of all files come first, equal ones by the bytes of their keys', async () => {
  expect(await top(4, 'a\t5\nb\t100\n', 'c\t20\nZ\t5\n', 'd\t-1\né\t5\n')).toEqual({
    by: 'value',
    lines: [
      { key: 'b', value: '100' },
      { key: 'c', value: '20' },
      { key: 'Z', value: '5' },
      { key: 'a', value: '5' },
    ],
    lineCount: 6,
  });
});

test('the top of many numbers is the one that sorting all of them gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: -3, max: 3 })), {
        maxLength: 30,
        selector: ([key]) => key,
      }),
      fc.integer({ min: 1, max: 10 }),
      async (pairs, count) => {
        const sorted = pairs.toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, count);
        const { lines } = await top(count, pairs.map(([key, value]) => `${key}\t${value}\n`).join(''));
        expect(lines).toEqual(sorted.map(([key, value]) => ({ key, value: String(value) })));
      },
    ),
    { numRuns: 30 },
  );
});

test('if one result is not a number, the top is the first lines', async () => {
  expect(await top(2, 'a\t1\nb\tx\ty\n', 'c\t3\n')).toEqual({
    by: 'first',
    lines: [
      { key: 'a', value: '1' },
      { key: 'b', value: 'x\ty' },
    ],
    lineCount: 3,
  });
});

test('a key without a value is not a number', async () => {
  expect(await top(5, 'a\n')).toEqual({ by: 'first', lines: [{ key: 'a', value: '' }], lineCount: 1 });
});

test('empty outputs have no top lines', async () => {
  expect(await top(5, '', '')).toMatchObject({ lines: [], lineCount: 0 });
});

test.for(['a\u2028b', 'a\rb'])('a line ends at LF alone: %j', async (key) => {
  expect(await top(5, `${key}\t1\n`)).toEqual({ by: 'value', lines: [{ key, value: '1' }], lineCount: 1 });
});

test('by key, the top is the first keys in the order of their bytes, whatever their values', () => {
  const files = written(['b\tx\n\u{10000}\t1\n', 'a\t\n\uffff\t2\nc\t3\n']);
  expect(topOf(files, 4, 'key')).toEqual({
    by: 'key',
    lines: [
      { key: 'a', value: '' },
      { key: 'b', value: 'x' },
      { key: 'c', value: '3' },
      { key: '\uffff', value: '2' },
    ],
    lineCount: 5,
  });
});

test('by value, a value that is not a number is an error that names it', () => {
  expect(() => topOf(written(['a\t1\n', 'b\ttwo\n']), 3, 'value')).toThrow(
    /out-1: expected numbers as values for --by value, found "two" for the key "b"$/,
  );
});

test('a top that is longer than the output is the whole output', () => {
  const lines = Array.from({ length: 3000 }, (_, index) => ({
    key: `k${index}`,
    value: String((index * 7919) % 3001),
  }));
  const { lines: found } = topOf(written([lines.map(({ key, value }) => `${key}\t${value}\n`).join('')]), 10_000);
  expect(found).toEqual(lines.toSorted((a, b) => Number(b.value) - Number(a.value)));
});

test('the outputs of a directory come in the order of their numbers, and other files are left out', () => {
  const folder = temporaryFolder();
  for (const name of ['out-10', 'out-2', 'out-0', 'out-1.txt', 'out-01', 'part-3'])
    writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'out-3'));
  expect(outputsIn(folder)).toEqual(['out-0', 'out-2', 'out-10'].map((name) => join(folder, name)));
});

test('a directory without outputs is an error that names it', () => {
  const folder = temporaryFolder();
  expect(() => outputsIn(folder)).toThrow(`show ${folder}: expected a chunk or a sorted file, found EISDIR`);
});

test.for([
  [
    ['out-00', 'out-01', 'out-10', 'out-5'],
    ['out-00', 'out-01', 'out-10'],
  ],
  [
    ['out-3', 'out-12'],
    ['out-3', 'out-12'],
  ],
])('of the files %j, those of one run are taken, in the order of their tasks', ([names, taken]) => {
  const folder = temporaryFolder();
  for (const name of names!) writeFileSync(join(folder, name), '');
  expect(outputsIn(folder)).toEqual(taken!.map((name) => join(folder, name)));
});

test('a value that is too long to be held is not a number, and its line is among the first lines', async () => {
  const { by, lines, lineCount } = await top(3, `a\t1\nb\t${'1'.repeat(1 << 20)}\nc\t3\n`);
  expect([by, lineCount]).toEqual(['first', 3]);
  expect(lines.map(({ key, value }) => [key, value.slice(0, 3)])).toEqual([
    ['a', '1'],
    ['b', '111'],
    ['c', '3'],
  ]);
});

test('a key that is too long to be held keeps its number', async () => {
  const { by, lines } = await top(2, `${'a'.repeat(1 << 20)}\t7\nb\t3\n`);
  expect(by).toBe('value');
  expect(lines.map(({ key, value }) => [key.slice(0, 3), value])).toEqual([
    ['aaa', '7'],
    ['b', '3'],
  ]);
});

test('all bytes of a line except LF belong to the result', async () => {
  expect(await top(5, '\ufeffa\t1\r\n')).toEqual({
    by: 'value',
    lines: [{ key: '\ufeffa', value: '1\r' }],
    lineCount: 1,
  });
});
