import { expect, test } from 'vitest';

import * as errors from '../../src/errors.ts';
import { EXIT_CODES } from '../../src/exit-codes.ts';

const classes = Object.values(errors).filter(
  (value): value is typeof errors.UsageError =>
    typeof value === 'function' && value.prototype instanceof errors.MapReduceError,
);

test('every error class has a different name, kind and exit code', () => {
  const made = classes.map((Class) => new Class('what happened', { cause: 'why' }));
  expect(made.length).toBe(Object.keys(EXIT_CODES).length);
  expect(new Set(made.map(({ exitCode }) => exitCode))).toEqual(new Set(Object.values(EXIT_CODES)));
  for (const [index, error] of made.entries()) {
    expect(error.name).toBe(classes[index]!.name);
    expect(error.exitCode).toBeGreaterThan(0);
    expect([error.message, error.cause]).toEqual(['what happened', 'why']);
  }
});

test('any thrown value has a message', () => {
  expect([new TypeError('a'), 'b', 3, null, undefined].map(errors.messageOf)).toEqual([
    'a',
    'b',
    '3',
    'null',
    'undefined',
  ]);
});

test('only a system error has a code', () => {
  const systemError = Object.assign(new Error('no file'), { code: 'ENOENT' });
  expect(errors.codeOf(systemError)).toBe('ENOENT');
  for (const other of [new Error('a'), Object.assign(new Error('a'), { code: 1 }), { code: 'ENOENT' }, undefined]) {
    expect(errors.codeOf(other)).toBeUndefined();
  }
});
