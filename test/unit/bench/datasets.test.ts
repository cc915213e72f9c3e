import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { type DatasetKind, Datasets } from '../../bench/data/datasets.ts';
import { Random } from '../../bench/data/random.ts';
import { WeightedChoice } from '../../bench/data/weighted-choice.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const KINDS: readonly DatasetKind[] = ['text', 'records', 'paths', 'access-log', 'distinct-keys', 'numbers'];
const SIZE_BYTES = 300_000;

function make(kind: DatasetKind, seed: number, scale = 1): string {
  const { path, sizeBytes } = new Datasets({ dir: temporaryFolder(), seed, scale, say: () => {} }).file(
    kind,
    SIZE_BYTES,
  );
  const content = readFileSync(path);
  expect(content.length).toBe(sizeBytes);
  return content.toString();
}

const kept = new Map<DatasetKind, string>();

/** Files that earlier tests have made, for tests that only read them: generating words and paths takes a while. */
function madeOf(kind: DatasetKind): string {
  const content = kept.get(kind) ?? make(kind, 1);
  kept.set(kind, content);
  return content;
}

test.for(KINDS)('a file has whole lines, and is at most a line shorter than asked for: %s', (kind) => {
  const content = madeOf(kind);

  expect(content.endsWith('\n')).toBe(true);
  expect(content).not.toContain('\uFFFD');
  expect(Buffer.byteLength(content)).toBeLessThanOrEqual(SIZE_BYTES);
  expect(Buffer.byteLength(content)).toBeGreaterThan(SIZE_BYTES - 200);
});

test.for(KINDS.filter((kind) => kind !== 'numbers'))(
  'the same seed gives the same file, and another seed another one: %s',
  (kind) => {
    expect(make(kind, 1) === madeOf(kind)).toBe(true);
    expect(make(kind, 2) === madeOf(kind)).toBe(false);
  },
);

test('a scale makes a file smaller, with the same begin', () => {
  const content = madeOf('text');
  const tenth = make('text', 1, 0.1);

  expect(Math.abs(tenth.length * 10 - content.length)).toBeLessThan(3000);
  expect(content.startsWith(tenth)).toBe(true);
});

test('text has lines of about 72 columns, and, except for the dash, bytes find the same words as letters', () => {
  const content = madeOf('text');
  const words = content.match(/\p{L}+/gu)!;
  const byBytes = Buffer.from(content)
    .toString('latin1')
    .match(/[A-Za-z\x80-\xff]+/g)!;

  expect(byBytes.filter((word) => !word.startsWith('\xe2'))).toHaveLength(words.length);
  expect(byBytes.length).toBeGreaterThan(words.length);
  expect(words.some((word) => /[^a-z]/i.test(word))).toBe(true);
  const lengths = content.split('\n').map((line) => line.length);
  expect(lengths.reduce((sum, length) => sum + length) / lengths.length).toBeGreaterThan(60);
  expect(Math.max(...lengths)).toBeLessThan(100);
});

test('records have a hundred bytes each, with a key of ten printable bytes before the tab', () => {
  const records = madeOf('records').trimEnd().split('\n');

  expect(records).toHaveLength(SIZE_BYTES / 100);
  for (const record of records) expect(record).toMatch(/^[ -~]{10}\t[0-9a-f]{16} [A-Z]{71}$/);
});

test('paths are nearly all distinct, and distinct keys all are', () => {
  const paths = madeOf('paths').trimEnd().split('\n');
  const keys = madeOf('distinct-keys').trimEnd().split('\n');

  expect(new Set(paths).size).toBeGreaterThan(paths.length * 0.99);
  expect(new Set(keys).size).toBe(keys.length);
});

test('an access log has the common log format', () => {
  for (const line of madeOf('access-log').trimEnd().split('\n')) {
    expect(line).toMatch(
      /^10(\.\d{1,3}){3} - - \[\d\d\/Jan\/2026:\d\d:\d\d:\d\d \+0000\] "GET \/[\w/-]+\.html HTTP\/1\.1" \d{3} (\d+|-)$/,
    );
  }
});

test('numbers are drawn as often as their weights say', () => {
  const choice = new WeightedChoice([1, 2, 0, 5]);
  const random = new Random(1);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 80_000; i++) counts[choice.draw(random)]!++;

  expect(counts[2]).toBe(0);
  for (const [index, share] of [10_000, 20_000, 0, 50_000].entries()) {
    expect(Math.abs(counts[index]! - share)).toBeLessThan(600);
  }
});
