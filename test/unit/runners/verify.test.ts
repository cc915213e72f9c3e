import { writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { VerifyError } from '../../../src/errors.ts';
import { defineJob } from '../../../src/job.ts';
import { sum } from '../../../src/reducers.ts';
import { outputPaths } from '../../../src/results.ts';
import { runSequential } from '../../../src/runners/sequential.ts';
import { verifyOutput } from '../../../src/runners/verify.ts';
import { inputFile } from '../../fixtures/input-files.ts';
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
  const lines = await runSequential({ job: wordCount, params: {}, inputs });
  return verifyOutput(
    paths,
    lines.map((line) => Buffer.from(line)),
  );
}

test('the same lines are the same, however they are spread over the outputs', async () => {
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
