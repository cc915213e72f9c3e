import * as fc from 'fast-check';
import { pack } from 'msgpackr';
import { expect, test } from 'vitest';

import { CorruptError } from '../../../../src/errors.ts';
import { COMPRESSIONS } from '../../../../src/formats/compressed/compression.ts';
import { decodeChunk, encodeChunk, type Slice } from '../../../../src/formats/chunk/chunk.ts';

const size = fc.maxSafeNat();
const slice: fc.Arbitrary<Slice> = fc
  .record(
    {
      file: fc.string({ unit: 'binary' }),
      path: fc.string({ unit: 'binary' }),
      start: size,
      end: size,
      sizeBytes: size,
      mtimeMs: fc.double({ min: 0, noNaN: true }).map((mtimeMs) => mtimeMs + 0),
      compression: fc.constantFrom(...COMPRESSIONS),
      bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    },
    { requiredKeys: ['file', 'path', 'start', 'end', 'sizeBytes', 'mtimeMs'] },
  )
  .map(({ bytes, ...slice }) => Object.assign(slice, bytes === undefined ? {} : { bytes }));

test('a chunk is read as it was written: slices with and without bytes, or none', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fc.array(slice, { maxLength: 5 }), (task, slices) => {
      expect(decodeChunk(encodeChunk(task, slices), 'chunk')).toEqual({
        format: 'chunk/2',
        task,
        slices,
        checksum: expect.any(Number) as number,
      });
    }),
  );
});

test('a chunk cut short anywhere is a CorruptError', () => {
  fc.assert(
    fc.property(fc.array(slice, { minLength: 1, maxLength: 2 }), (slices) => {
      const whole = encodeChunk(3, slices);
      for (let length = 0; length < whole.length; length++) {
        expect(() => decodeChunk(whole.subarray(0, length), 'chunk')).toThrow(CorruptError);
      }
    }),
    { numRuns: 20 },
  );
});

test('a flipped bit anywhere is a CorruptError, or changes nothing', () => {
  const slices = [
    { file: 'a', path: '/a', start: 0, end: 3, sizeBytes: 3, mtimeMs: 1.5, bytes: Buffer.from('a\nb') },
    { file: 'b', path: '/b', start: 7, end: 9, sizeBytes: 20, mtimeMs: 2 },
  ];
  const whole = encodeChunk(3, slices);
  const meant = decodeChunk(whole, 'chunk');
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    let read: unknown;
    try {
      read = decodeChunk(flipped, 'chunk');
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptError);
      continue;
    }
    expect(read).toEqual(meant);
  }
});

test.for([
  ['text', Buffer.from('It is a truth universally acknowledged')],
  ['another object', pack({ format: 'chunk/2', task: 1, slices: [] })],
  ['no object', pack('chunk/2')],
  ['null', pack(null)],
] as const)('%s is not a chunk, and the error names the file', ([, bytes]) => {
  expect(() => decodeChunk(bytes, '/files/chunk_7.msgpack')).toThrow(CorruptError);
  expect(() => decodeChunk(bytes, '/files/chunk_7.msgpack')).toThrow('/files/chunk_7.msgpack');
});

test.for([
  ['without slices', { format: 'chunk/2', task: 1 }],
  ['with a number as a slice', { format: 'chunk/2', task: 1, slices: [1] }],
  ['with bounds that are no numbers', { format: 'chunk/2', task: 1, slices: [{ file: 'a', path: 'a', start: 'b' }] }],
] as const)('a chunk %s is a CorruptError', ([, chunk]) => {
  expect(() => decodeChunk(pack(chunk), 'chunk')).toThrow(CorruptError);
});
