import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes } from '../../../src/bytes.ts';
import { fields } from '../../../src/formats/fields.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'é', '\t', ',', '🐳') });

test('fields are the text between separators, of strings as of bytes', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('\t', ','), (text, separator) => {
      const bytes = Buffer.from(`\t,${text}\t,`);
      const record = new Bytes(bytes, 2, bytes.length - 2);
      expect([...fields(text, separator)]).toEqual(text.split(separator));
      expect(Array.from(fields(record, separator), String)).toEqual(text.split(separator));
    }),
  );
});

test('each field of bytes is a separate view', () => {
  const record = new Bytes(Buffer.from('ip path 200'));
  const [ip, path] = fields(record, ' ');
  expect([ip, path].map(String)).toEqual(['ip', 'path']);
  expect([...fields(record, ' ')].map(String)).toEqual(['ip', 'path', '200']);
  const iterator = fields(record, ' ')[Symbol.iterator]();
  const steps = [iterator.next(), iterator.next()];
  expect(steps.map(({ value }) => String(value))).toEqual(['ip', 'path']);
});

test('fields can be iterated again and again, of strings as of bytes', () => {
  const all: Iterable<string | Bytes>[] = [fields('a b', ' '), fields(new Bytes(Buffer.from('a b')), ' ')];
  for (const found of all) {
    const pairs = Array.from(found, (one) => Array.from(found, (other) => one.toString() + other.toString()));
    expect(pairs.flat()).toEqual(['aa', 'ab', 'ba', 'bb']);
  }
});

test('a value that is not a record is refused and named', () => {
  for (const record of [undefined, 5, ['a'], Buffer.from('a')]) {
    expect(() => fields(record as unknown as string)).toThrow('fields: expected a record, a text or Bytes, found ');
  }
});

test('a separator that is not one ASCII character is refused', () => {
  for (const separator of ['', 'ab', 'é']) expect(() => fields('a', separator)).toThrow(RangeError);
});
