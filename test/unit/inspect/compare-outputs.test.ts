import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { SystemError, VerifyError } from '../../../src/errors.ts';
import { defineJob } from '../../../src/job.ts';
import { sum } from '../../../src/reducers.ts';
import { outputPaths } from '../../../src/workspace/result-set.ts';
import { verifyOutput } from '../../../src/inspect/compare-outputs.ts';
import { inputFile } from '../../fixtures/input-files.ts';
import { sequentialLines } from '../../fixtures/sequential-lines.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const wordCount = defineJob({
  name: 'words',
  *map(line: string) {
    for (const word of line.split(' ')) yield [word, 1];
  },
  reduce: sum,
});

/** Verifies these outputs of counting the words of `b a b`, `c`. */
async function verify(...outputs: string[]): Promise<number> {
  const folder = temporaryFolder();
  const paths = outputPaths(folder, outputs.length);
  for (const [task, text] of outputs.entries()) writeFileSync(paths[task]!, text);
  const inputs = [inputFile(folder, 'input.txt', 'b a b\nc\n')];
  const lines = await sequentialLines({ job: wordCount, params: {}, inputs });
  return verifyOutput(
    paths,
    join(folder, 'scratch'),
    lines.map((line) => Buffer.from(line)),
  );
}

test('outputs with the same lines are equal, however the lines are spread over the files', async () => {
  expect(await verify('a\t1\nb\t2\nc\t1\n')).toBe(3);
  expect(await verify('b\t2\n', '', 'a\t1\nc\t1\n')).toBe(3);
});

test.for([
  ['another value', ['a\t1\nb\t3\n', 'c\t1\n'], '"b": expected "b\\t2", found "b\\t3"'],
  ['a line less', ['a\t1\nc\t1\n'], '"b": expected "b\\t2", found "c\\t1"'],
  ['a line less at the end', ['a\t1\nb\t2\n'], '"c": expected "c\\t1", found nothing more'],
  ['a line more', ['a\t1\naa\t1\nb\t2\nc\t1\n'], '"aa": expected "b\\t2", found "aa\\t1"'],
  ['a line more at the end', ['a\t1\nb\t2\nc\t1\nd\t1\n'], '"d": expected nothing more, found "d\\t1"'],
  ['a line twice', ['a\t1\nb\t2\nc\t1\n', 'b\t2\n'], '"b": expected "c\\t1", found "b\\t2"'],
  ['nothing', [''], '"a": expected "a\\t1", found nothing more'],
] as const)('%s is a VerifyError that names the first key', async ([, outputs, message]) => {
  const error: unknown = await verify(...outputs).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(VerifyError);
  expect((error as VerifyError).message).toContain(`first at key ${message}`);
  expect((error as VerifyError).exitCode).toBe(1);
});

/** Compares an output with other lines, which come in pieces of 1,000 bytes, with little memory to search for a difference. */
async function compare(output: string, sequential: string): Promise<number> {
  const folder = temporaryFolder();
  const path = join(folder, 'out-0');
  writeFileSync(path, output);
  const pieces = function* (): Generator<Buffer> {
    const bytes = Buffer.from(sequential);
    for (let at = 0; at < bytes.length; at += 1000) {
      expect(existsSync(join(folder, 'scratch'))).toBe(false);
      yield bytes.subarray(at, at + 1000);
    }
  };
  return verifyOutput([path], join(folder, 'scratch'), pieces(), 1000);
}

test('one different line among many is found with little memory, and no file is left over', async () => {
  const lines = Array.from({ length: 300 }, (_, index) => `key ${1000 + index}\t${index}\n`);
  const wrong = lines.with(250, 'key 1250\t0\n').toReversed();
  expect(await compare(lines.toReversed().join(''), lines.join(''))).toBe(300);
  await expect(compare(wrong.join(''), lines.join(''))).rejects.toThrow(
    'first at key "key 1250": expected "key 1250\\t250", found "key 1250\\t0"',
  );
});

test('long lines are shown from shortly before the first difference', async () => {
  const line = (end: string): string => `key\t${'x'.repeat(5000)}${end}${'y'.repeat(5000)}\n`;
  const shown = (end: string): string => `"…${'x'.repeat(40)}${end}${'y'.repeat(159)}…"`;
  await expect(compare(line('2'), line('1'))).rejects.toThrow(
    `first at key "key": expected ${shown('1')}, found ${shown('2')}`,
  );
});

test('a missing line end after the last line is reported', async () => {
  await expect(compare('a\t1\nb\t2', 'a\t1\nb\t2\n')).rejects.toThrow('has the same lines, but a line end is missing');
});

test('an output that is missing is not reported as a different one', async () => {
  const folder = temporaryFolder();
  const running = verifyOutput([join(folder, 'out-0')], join(folder, 'scratch'), [Buffer.from('a\n')]);
  await expect(running).rejects.toThrow(SystemError);
});
