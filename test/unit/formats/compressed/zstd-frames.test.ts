import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  contentBytesOf,
  firstBlockAlone,
  framePieces,
  needsDictionary,
  ZstdFormatError,
} from '../../../../src/formats/compressed/zstd-frames.ts';

const checksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const noSize = { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } };
const text = Buffer.from('alpha beta gamma\n'.repeat(20_000));
const skippable = (content: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a57, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, Buffer.from(content)]);
};

function cutInto(bytes: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

/** The frames, each joined from its pieces. */
function framesOf(blocks: readonly Buffer[]): Buffer[] {
  const frames: Buffer[][] = [];
  let isOpen = false;
  for (const { bytes, beginsFrame, endsFrame } of framePieces(blocks)) {
    expect(beginsFrame).toBe(!isOpen);
    if (beginsFrame) frames.push([]);
    frames.at(-1)!.push(bytes);
    isOpen = !endsFrame;
  }
  expect(isOpen).toBe(false);
  return frames.map((pieces) => Buffer.concat(pieces));
}

const frames = [
  zstdCompressSync('one\n'),
  zstdCompressSync(text, checksum),
  zstdCompressSync(''),
  zstdCompressSync(text, noSize),
  zstdCompressSync(Buffer.alloc(300_000)),
];

test('frames are found however blocks divide them; skippable frames and zeros at the end are left out', () => {
  const whole = Buffer.concat([
    skippable(''),
    ...frames.flatMap((frame) => [frame, skippable('not content')]),
    Buffer.alloc(1000),
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), (length) => {
      expect(framesOf(cutInto(whole, length))).toEqual(frames);
    }),
  );
  expect(framesOf([whole])).toEqual(frames);
});

test('data that is cut short at any byte of a frame, also of a skippable one, is an error', () => {
  const parts = [frames[0]!, skippable('skip'), zstdCompressSync('two\n', checksum)];
  const whole = Buffer.concat(parts);
  const ends = new Set([0, 1, 2, 3].map((count) => Buffer.concat(parts.slice(0, count)).length));
  for (let end = 0; end <= whole.length; end++) {
    const read = (): unknown => [...framePieces(cutInto(whole.subarray(0, end), 7))];
    if (ends.has(end)) expect(read).not.toThrow();
    else expect(read, `cut at ${end}`).toThrow(ZstdFormatError);
  }
});

test('data after a frame that is not a frame is an error, also after zeros', () => {
  for (const rest of [Buffer.from('text'), Buffer.from('\0\0\0\0\0\0x'), Buffer.from('\0\0x')]) {
    expect(() => [...framePieces([Buffer.concat([frames[0]!, rest])])]).toThrow(ZstdFormatError);
  }
});

test('the decompressed size of a frame is read from its header, if that states it', () => {
  for (const length of [0, 1, 255, 256, 65_791, 65_792, 300_000]) {
    expect(contentBytesOf(zstdCompressSync(Buffer.alloc(length, 'ab')))).toBe(length);
  }
  expect(contentBytesOf(frames[3]!)).toBeUndefined();
});

test('the first block can be decompressed alone, however long its frame is', () => {
  for (const frame of [frames[0]!, frames[1]!, frames[3]!]) {
    const start = zstdDecompressSync(firstBlockAlone(frame)!);
    expect(start.length).toBeGreaterThan(3);
    expect(start.equals(zstdDecompressSync(frame).subarray(0, start.length))).toBe(true);
  }
  expect(firstBlockAlone(frames[1]!.subarray(0, 30))).toBeUndefined();
  expect(firstBlockAlone(Buffer.from('text'))).toBeUndefined();
});

test('a frame that needs a dictionary is recognised', () => {
  expect(needsDictionary(frames[0]!)).toBe(false);
  // Magic number, single segment with a dictionary of one byte, its number, the content's size.
  expect(needsDictionary(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 4, 0, 0, 0]))).toBe(true);
});
