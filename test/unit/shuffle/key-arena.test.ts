import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes } from '../../../src/bytes.ts';
import { KeyArena } from '../../../src/shuffle/key-arena.ts';
import { hashOf } from '../../../src/shuffle/partition.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));

test('keys stand one after another as UTF-8, with the hash of their bytes', () => {
  fc.assert(
    fc.property(fc.array(text), fc.boolean(), (keys, asBytes) => {
      const arena = new KeyArena();
      for (const key of keys) {
        const bytes = Buffer.from(key);
        arena.write(asBytes ? new Bytes(bytes) : key);
        expect(arena.bytes.subarray(arena.used, arena.end)).toEqual(bytes);
        expect(arena.hash).toBe(hashOf(bytes, 0, bytes.length));
        arena.used = arena.end;
      }
      expect(arena.bytes.toString('utf8', 0, arena.used)).toBe(keys.join('').toWellFormed());
    }),
  );
});

test('a key that is not kept is written over by the next', () => {
  const arena = new KeyArena();
  arena.write('left');
  arena.write('kept');
  arena.used = arena.end;
  expect(arena.bytes.toString('utf8', 0, arena.used)).toBe('kept');
});

test('a key larger than all before finds room', () => {
  const arena = new KeyArena();
  arena.write('a');
  arena.used = arena.end;
  arena.write('日'.repeat(200_000));
  expect(arena.end - arena.used).toBe(600_000);
  expect(arena.bytes.toString('utf8', 0, 4)).toBe('a日');
});

test('bytes that are not UTF-8 are the key that their text is', () => {
  const arena = new KeyArena();
  for (const bytes of [[0xe9], [0x61, 0xff, 0x62], [0xed, 0xa0, 0x80]]) {
    const key = new Bytes(Buffer.from([0x3c, ...bytes, 0x3e]), 1, 1 + bytes.length);
    arena.write(key);
    expect(arena.bytes.subarray(arena.used, arena.end)).toEqual(Buffer.from(key.toString()));
    expect(arena.hash).toBe(hashOf(arena.bytes, arena.used, arena.end));
  }
});
