import { crc32 } from 'node:zlib';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { joinedChecksum } from '../../../../src/shuffle/file/joined-checksum.ts';

test('the joined checksum of two pieces is the checksum of both together', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (first, second) => {
      const together = crc32(Buffer.concat([first, second]));
      expect(joinedChecksum(crc32(first), crc32(second), second.length)).toBe(together);
    }),
  );
});

test('the checksums of long pieces are joined, too', () => {
  const [first, second] = [Buffer.alloc(3_000_001, 'abc'), Buffer.alloc(5_000_003, 'defg')];
  expect(joinedChecksum(crc32(first), crc32(second), second.length)).toBe(crc32(Buffer.concat([first, second])));
});
