import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { GroupValues } from '../../../../src/shuffle/merge/group-values.ts';
import { Groups } from '../../../../src/shuffle/merge/groups.ts';
import { byKey, type Pair, PairStream } from '../../../fixtures/sorted-files.ts';

const key = fc.array(fc.constantFrom(0, 0x61, 0x62, 0xc3, 0xff), { maxLength: 3 }).map((bytes) => Buffer.from(bytes));

test('each key comes once, with all of its values in order, however many of them are read', () => {
  const sorted = fc.array(fc.tuple(key, fc.integer()), { maxLength: 30 }).map((pairs): Pair[] => pairs.toSorted(byKey));
  const room = fc.constantFrom(undefined, Buffer.alloc(2));
  fc.assert(
    fc.property(sorted, fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }), room, (pairs, limits, memory) => {
      const expected = Map.groupBy(pairs, ([key]) => Buffer.from(key).toString('hex'));
      const found: [string, unknown[]][] = [];
      const wanted: [string, unknown[]][] = [];
      const groups = new Groups(new PairStream(pairs), memory);
      while (groups.next()) {
        const { key, keyBytes, keyLength, values } = groups;
        const limit = limits[found.length % limits.length]!;
        const hex = keyBytes.toString('hex', 0, keyLength);
        const all = (expected.get(hex) ?? []).map(([, value]) => value);
        const taken: unknown[] = [];
        if (limit > 0)
          for (const value of values) {
            taken.push(value);
            if (taken.length === limit) break;
          }
        expect(key).toBe(keyBytes.toString('utf8', 0, keyLength));
        if (memory !== undefined) expect(keyBytes === memory).toBe(keyLength <= memory.length);
        found.push([hex, taken]);
        wanted.push([hex, all.slice(0, limit)]);
      }
      expect(found).toEqual(wanted);
      expect(found.map(([hex]) => hex)).toEqual([...expected.keys()]);
    }),
    { numRuns: 200 },
  );
});

test('values can be iterated once: a second time is a TypeError that names the key', () => {
  const pairs = (): PairStream => new PairStream(['a', 'a', 'b'].map((key) => [Buffer.from(key), key]));
  const groups = new Groups(pairs());
  while (groups.next()) {
    expect([...groups.values].length).toBeGreaterThan(0);
    expect(() => [...groups.values]).toThrow(TypeError);
  }
  const left = new Groups(pairs());
  left.next();
  const { values } = left;
  for (const _ of values) break;
  expect(() => [...values]).toThrow('"a"');
});

test('using values after the next key has come is a TypeError, and so is using an iterator of them', () => {
  const pairs = new PairStream(['a', 'a', 'b', 'b'].map((key, at) => [Buffer.from(key), at]));
  const groups = new Groups(pairs);
  groups.next();
  const first = groups.values;
  groups.next();
  expect(() => [...first]).toThrow(TypeError);
  const kept = groups.values[Symbol.iterator]();
  expect(kept.next().value).toBe(2);
  expect(groups.next()).toBe(false);
  expect(() => kept.next()).toThrow('the values of key "b" can be read once, while reduce has the key');
});

test('values are read when they are asked for', () => {
  const pairs = new PairStream(Array.from({ length: 1000 }, (_, at) => [Buffer.from('a'), at]));
  const groups = new Groups(pairs);
  while (groups.next()) {
    const iterator = groups.values[Symbol.iterator]();
    iterator.next();
    iterator.next();
    expect(pairs.taken).toBeLessThanOrEqual(4);
  }
});

test('values are not an array: properties of arrays and iterators are a TypeError that says so, not undefined', () => {
  const values = new GroupValues('the key', [1, 2, 3].values()) as unknown as Record<string, unknown>;
  for (const name of [
    'length',
    'size',
    '0',
    '17',
    'map',
    'filter',
    'reduce',
    'join',
    'sort',
    'at',
    'toArray',
    'take',
  ]) {
    const used = /\d/.test(name) ? `values[${name}]` : `values.${name}`;
    expect(() => values[name]).toThrow(`${used}: the values of key "the key" are not an array`);
  }
  // oxlint-disable-next-line typescript/no-base-to-string -- this is what the test is about
  expect(() => String(values)).toThrow('are not an array');
  expect(() => JSON.stringify({ values })).toThrow('are not an array');
  expect([values['then'], values['anything'], 'length' in values]).toEqual([undefined, undefined, false]);
  expect([...(values as unknown as Iterable<number>)]).toEqual([1, 2, 3]);
});

test('values can be taken one by one without asking for an iterator', () => {
  const values = new GroupValues('a', [1, 2].values());
  expect([values.next().value, values.next().value, values.next().done]).toEqual([1, 2, true]);
  expect(() => [...values]).toThrow(TypeError);
});
