import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Kernel } from '../../../src/kernel/kernel.ts';
import { inText, keyOf } from '../../fixtures/kernels.ts';

const FULL = -1;
/** The bytes that a pair takes beside its key, including those for sorting. */
const PAIR_BYTES = 28;
const INVALID = -2;

const lengths = fc.constantFrom(0, 1, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300, 5000);
/** Keys that differ in one byte, at different positions. */
const similar = fc.tuple(lengths, fc.nat({ max: 5000 }), fc.constantFrom(0, 0x61, 0x7f)).map(([length, at, byte]) => {
  const key = Buffer.alloc(length, 'x');
  if (length > 0) key[at % length] = byte;
  return key;
});
const shortText = fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é', '🐳'), maxLength: 5 });
const key = fc.oneof(
  similar,
  shortText.map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
);
const keys = fc.array(key, { maxLength: 300, size: 'max' });
const budgets = fc.constantFrom(1, 100, 128, 129, 200, 1000, 5000, 20_000, 1 << 20);

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

test('a key is found, or added if it is new, or refused if the buffer is full or the key is not text', () => {
  fc.assert(
    fc.property(keys, budgets, fc.nat({ max: 70 }), (keys, budget, at) => {
      const kernel = new Kernel(budget);
      const { exports } = kernel;
      exports.clear(true, false);
      const numbers = new Map<string, number>();
      const kept: Buffer[] = [];
      for (const key of keys) {
        const { buffer, start } = inText(kernel, key, at);
        const used = exports.usedBytes();
        const pair = exports.find(buffer.byteOffset + start, key.length);
        const name = key.toString('latin1');
        const known = numbers.get(name);
        if (!isText(key)) expect(pair).toBe(INVALID);
        else if (known !== undefined) expect(pair).toBe(known);
        else if (pair === FULL) expect(used + key.length + 300 + used).toBeGreaterThan(budget);
        else {
          expect(pair).toBe(kept.length);
          numbers.set(name, pair);
          kept.push(key);
        }
        expect(exports.pairCount()).toBe(kept.length);
        // An empty table may take more than a tiny buffer.
        if (kept.length > 0) expect(exports.usedBytes()).toBeLessThanOrEqual(budget);
      }
      for (const [pair, key] of kept.entries()) expect(keyOf(kernel, pair).equals(key)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('numbers are added up by key, one at a time or many at once, and the sums are there whenever adding up ends', () => {
  const number = fc.constantFrom(-0, 0, 1, -1, 0.1, 1e300, 2 ** 53, Infinity);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key.filter(isText), number), { maxLength: 300, size: 'max' }),
      fc.boolean(),
      (pairs, many) => {
        const kernel = new Kernel(1 << 20);
        const { exports } = kernel;
        exports.clear(true, true);
        const sums = new Map<string, number>();
        for (const [key, number] of pairs) {
          const { buffer, start } = inText(kernel, key);
          const at = buffer.byteOffset + start;
          const name = key.toString('latin1');
          if (many) {
            kernel.pending.set([at, at + key.length]);
            expect(exports.addPending(0, 1, number)).toBe(1);
          } else {
            expect(exports.addKey(at, key.length, number)).toBe(sums.has(name) ? 0 : 1);
          }
          sums.set(name, (sums.get(name) ?? -0) + number);
        }
        exports.settleSums();
        const found = new Float64Array(kernel.bytes.buffer, exports.numbers.value, sums.size);
        const names = Array.from(found, (_, pair) => keyOf(kernel, pair).toString('latin1'));
        expect(new Map(names.map((name, pair) => [name, found[pair]]))).toEqual(sums);
      },
    ),
    { numRuns: 150 },
  );
});

test('a key is appended each time that it comes, until the buffer is full', () => {
  fc.assert(
    fc.property(keys, budgets, (keys, budget) => {
      const kernel = new Kernel(budget);
      const { exports } = kernel;
      exports.clear(false, false);
      const kept: Buffer[] = [];
      for (const key of keys) {
        const { buffer, start } = inText(kernel, key);
        const pair = exports.append(buffer.byteOffset + start, key.length);
        const bytes = kept.reduce((sum, { length }) => sum + length + PAIR_BYTES, 0);
        if (!isText(key)) expect(pair).toBe(INVALID);
        else if (bytes + key.length + PAIR_BYTES > budget) expect(pair).toBe(FULL);
        else expect(pair).toBe(kept.push(key) - 1);
      }
      expect(exports.pairCount()).toBe(kept.length);
      expect(kept.every((key, pair) => keyOf(kernel, pair).equals(key))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('a table that is given up keeps its keys, and finds them again only once it has been cleared', () => {
  const { exports, text, ...kernel } = keysIn(['a', 'b', 'c']);
  expect(exports.find(kernel.address('b'), 1)).toBe(1);
  exports.dropTable();
  expect(exports.append(kernel.address('b'), 1)).toBe(3);
  expect(exports.pairCount()).toBe(4);
  exports.clear(true, false);
  expect(exports.pairCount()).toBe(0);
  expect([exports.find(kernel.address('b'), 1), exports.find(kernel.address('b'), 1)]).toEqual([0, 0]);
  expect(text.toString('latin1', 0, 1)).toBe('b');
});

test('a table that has grown many times finds all of its keys', () => {
  const kernel = new Kernel(1 << 24);
  const { exports } = kernel;
  const find = (name: string): number => {
    const { buffer, start, length } = inText(kernel, Buffer.from(name));
    return exports.find(buffer.byteOffset + start, length);
  };
  exports.clear(true, false);
  const names = Array.from({ length: 100_000 }, (_, at) => `key number ${at}`);
  expect(names.every((name, at) => find(name) === at)).toBe(true);
  expect(names.every((name, at) => find(name) === at)).toBe(true);
  expect(exports.pairCount()).toBe(names.length);
});

test('a table that begins as large as the last one became is full at the same key', () => {
  const kernel = new Kernel(1 << 18);
  const { exports } = kernel;
  const fill = (): number => {
    exports.clear(true, true);
    for (let at = 0; ; at++) {
      const { buffer, start, length } = inText(kernel, Buffer.from(`key ${at}`));
      if (exports.addKey(buffer.byteOffset + start, length, 1) < 0) return at;
    }
  };
  const first = fill();
  expect(first).toBeGreaterThan(1000);
  expect([fill(), fill()]).toEqual([first, first]);
});

/** A kernel whose table has these keys. */
function keysIn(keys: readonly string[]): Pick<Kernel, 'exports' | 'text'> & { address: (key: string) => number } {
  const kernel = new Kernel(10_000);
  const { exports, text } = kernel;
  const address = (key: string): number => {
    const { buffer, start } = inText(kernel, Buffer.from(key));
    return buffer.byteOffset + start;
  };
  exports.clear(true, false);
  for (const key of keys) exports.find(address(key), key.length);
  return { exports, text, address };
}
