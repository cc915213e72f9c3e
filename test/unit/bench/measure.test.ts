import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { differenceOf, type Digest, digestOf } from '../../bench/measure/digest.ts';
import { median, pairwise } from '../../bench/measure/ratios.ts';
import { timeCommand } from '../../bench/measure/timed-command.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

test('the median is the middle value, or the mean of the middle two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 9, 100, 8])).toBe(9.5);
  expect(median([undefined, 4, undefined])).toBe(4);
  expect(median([undefined])).toBeUndefined();
});

test('ratios are taken within each round, so a machine that is slower for a while does not change them', () => {
  expect(pairwise([1, 20, 3], [2, 40, 6])).toBe(0.5);
  expect(pairwise([1, 2, 9], [1, 1, 1])).toBe(2);
});

test('a round in which one of the two failed has no ratio', () => {
  expect(pairwise([1, undefined, 8], [2, 100, undefined])).toBe(0.5);
  expect(pairwise([undefined], [1])).toBeUndefined();
});

test('outputs are equal whatever the order of their lines and files', async () => {
  const expected = await digestOfLines(['b\t2\n', 'a\t1\n']);

  expect(differenceOf(await digestOfLines(['a\t1\nb\t2\n']), expected)).toBeUndefined();
  expect(expected.lineCount).toBe(2);
});

test.for([
  ['another count', 'a\t1\nb\t3\n', /^the output has 2 lines, as expected/],
  ['a line too few', 'a\t1\n', /^expected 2 lines, found 1$/],
  ['a line twice', 'a\t1\nb\t2\nb\t2\n', /^expected 2 lines, found 3$/],
] as const)('outputs with a difference are not equal: %s', async ([, found, message]) => {
  const expected = await digestOfLines(['a\t1\nb\t2\n']);

  expect(differenceOf(await digestOfLines([found]), expected)).toMatch(message);
});

test('an output that claims to be sorted has to be sorted', async () => {
  const expected = await digestOfLines(['a\nb\nc\nd\n']);

  expect(differenceOf(await digestOfLines(['a\nc\n', 'b\nd\n'], { sorted: true }), expected)).toBeUndefined();
  expect(differenceOf(await digestOfLines(['a\nc\n', 'd\nb\n'], { sorted: true }), expected)).toMatch(
    /in another order$/,
  );
});

test('the output of uniq -c equals keys with counts, without what is not a word', async () => {
  const expected = await digestOfLines(['a b\t2\nc\t1\n']);

  expect(await digestOfLines(['      1 \n      2 a b\n      1 c\n     12 —\n'], { countsFirst: true })).toEqual(
    expected,
  );
});

test('a command that fails has no time, and its error says why', async () => {
  const folder = temporaryFolder();

  await expect(timeCommand({ file: 'sh', args: ['-c', 'echo no >&2; exit 3'], folder })).rejects.toThrow(
    'ended with 3\nno',
  );
  await expect(timeCommand({ file: 'no-such-program', args: [], folder })).rejects.toThrow('ENOENT');
});

test.runIf(process.platform === 'linux')('the peak of a child is distinguished from that of its parent', async () => {
  const hundredMiB = 'Buffer.alloc(100 * 2 ** 20, 1); setTimeout(() => {}, 200)';
  const script = `${process.execPath} -e '${hundredMiB}'; true`;

  const { peaks } = await timeCommand({ file: 'sh', args: ['-c', script], folder: temporaryFolder() });

  expect(peaks!.firstMiB).toBeLessThan(20);
  expect(peaks!.othersMiB).toBeGreaterThan(100);
  expect(peaks!.processCount).toBe(2);
});

function digestOfLines(
  contents: readonly string[],
  claims: { sorted?: boolean; countsFirst?: boolean } = {},
): Promise<Digest> {
  const folder = temporaryFolder();
  const files = contents.map((content, number) => {
    const file = join(folder, `out-${number}`);
    writeFileSync(file, content);
    return file;
  });
  return digestOf({ files, ...claims });
}
