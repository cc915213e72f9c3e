import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { InvariantError, UsageError } from '../../src/errors.ts';
import { EXIT_CODES, exitCodeOf } from '../../src/exit-codes.ts';

test('an error of ours has the exit code of its kind', () => {
  expect(exitCodeOf(new UsageError('wrong'))).toBe(EXIT_CODES.usage);
  expect(exitCodeOf(new InvariantError('bug'))).toBe(EXIT_CODES.invariant);
});

test.for([
  new TypeError('no'),
  Object.assign(new Error('no'), { kind: 'toString' }),
  { kind: 'usage' },
  'no',
  undefined,
])('anything else is a bug of ours: %s', (thrown) => {
  expect(exitCodeOf(thrown)).toBe(EXIT_CODES.invariant);
});

test('the exit codes that bin/mapreduce.js repeats are those of the table', () => {
  const launcher = readFileSync(new URL('../../bin/mapreduce.js', import.meta.url), 'utf8');
  const repeated = [...launcher.matchAll(/process\.exit\((\d+)\); \/\/ EXIT_CODES\.(\w+)/g)];
  expect(repeated.map(([, code, name]) => [name, Number(code)])).toEqual([
    ['usage', EXIT_CODES.usage],
    ['system', EXIT_CODES.system],
  ]);
});
