import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Groups } from '../../../src/shuffle/groups.ts';
import { byKey, type Pair, PairStream } from '../../fixtures/runs.ts';

const key = fc.array(fc.constantFrom(0, 0x61, 0x62, 0xc3, 0xff), { maxLength: 3 }).map((bytes) => Buffer.from(bytes));

test('each key comes once, with all its values in their order, however many of them are read', () => {
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

test('values can be gone through once: a second time is a TypeError that names the key', () => {
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

test('values kept until the next key are a TypeError, and an iterator kept until then has ended', () => {
  const pairs = new PairStream(['a', 'a', 'b', 'b'].map((key, at) => [Buffer.from(key), at]));
  const groups = new Groups(pairs);
  groups.next();
  const first = groups.values;
  groups.next();
  expect(() => [...first]).toThrow(TypeError);
  const kept = groups.values[Symbol.iterator]();
  expect(kept.next().value).toBe(2);
  expect(groups.next()).toBe(false);
  expect(kept.next()).toEqual({ done: true, value: undefined });
});

test('values are read as they are asked for', () => {
  const pairs = new PairStream(Array.from({ length: 1000 }, (_, at) => [Buffer.from('a'), at]));
  const groups = new Groups(pairs);
  while (groups.next()) {
    const iterator = groups.values[Symbol.iterator]();
    iterator.next();
    iterator.next();
    expect(pairs.taken).toBeLessThanOrEqual(4);
  }
});
