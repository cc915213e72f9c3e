import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { outputLine } from '../../../src/formats/output.ts';

test.for([
  ['a text as it stands', 'x "y"', 'key\tx "y"\n'],
  ['an empty text behind the tab', '', 'key\t\n'],
  ['null as a key alone', null, 'key\n'],
  ['undefined as a key alone', undefined, 'key\n'],
  ['a whole number', 42, 'key\t42\n'],
  ['a fraction', 0.1, 'key\t0.1\n'],
  ['a large number', 1e21, 'key\t1e+21\n'],
  ['no number', NaN, 'key\tNaN\n'],
  ['a boolean', false, 'key\tfalse\n'],
  ['a bigint', 2n ** 70n, 'key\t1180591620717411303424\n'],
  ['a list as JSON', [1, 'a', null], 'key\t[1,"a",null]\n'],
  ['an object as JSON', { a: { b: 'ü' } }, 'key\t{"a":{"b":"ü"}}\n'],
  ['what has a JSON form of its own', new Date(0), 'key\t"1970-01-01T00:00:00.000Z"\n'],
] as const)('%s', ([, value, line]) => {
  expect(outputLine('key', value)).toBe(line);
});

test('an empty key is nothing before the tab', () => {
  expect(outputLine('', 1)).toBe('\t1\n');
});

test('an object without line ends in its fields is one line, and can be read again', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (value) => {
      const line = outputLine('key', value);
      expect(line.split('\n')).toHaveLength(2);
      expect(JSON.parse(line.slice(4))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('what has no JSON form is an error, for the caller to say whose', () => {
  expect(() => outputLine('key', { big: 1n })).toThrow(TypeError);
});
