import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { compareKeys, compareUtf8 } from '../../../src/shuffle/order.ts';

/** Few different bytes, so that keys often share a prefix. */
const key = fc
  .array(fc.constantFrom(0, 1, 0x61, 0x7f, 0x80, 0xc3, 0xff), { maxLength: 7 })
  .map((bytes) => Buffer.from(bytes));
const padding = fc.uint8Array({ maxLength: 5 });

test('keys are compared as Buffer.compare compares their bytes, wherever they are in their buffers', () => {
  fc.assert(
    fc.property(key, key, padding, padding, (a, b, before, after) => {
      const left = Buffer.concat([before, a, after]);
      const right = Buffer.concat([after, b, before]);
      const order = compareKeys(
        left,
        before.length,
        before.length + a.length,
        right,
        after.length,
        after.length + b.length,
      );
      expect(Math.sign(order)).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 500 },
  );
});

test('keys of text are in the order of `LC_ALL=C sort`, not in that of UTF-16', () => {
  const texts = ['\uffff', '😀'];
  expect(texts.toSorted()).toEqual(['😀', '\uffff']);
  const [highest, surrogates] = texts.map((text) => Buffer.from(text)) as [Buffer, Buffer];
  expect(compareKeys(surrogates, 0, surrogates.length, highest, 0, highest.length)).toBeGreaterThan(0);
});

/** Characters on both sides of the surrogates, for which the orders of UTF-16 and UTF-8 differ. */
const someText = fc.string({
  unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'),
  maxLength: 4,
});

test('texts are in the order of their UTF-8 bytes', () => {
  fc.assert(
    fc.property(someText, someText, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 1000 },
  );
});
