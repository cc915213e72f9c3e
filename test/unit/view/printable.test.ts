import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { printable, printableLine } from '../../../src/view/printable.ts';

test('what a terminal would obey is shown as what it is', () => {
  expect(printable('\u001B[2Jred\u0007\r\u009B1m\u202Etxt\u007F')).toBe('\\x1b[2Jred\\x07\\x0d\\x9b1m\\u202etxt\\x7f');
});

test('lines and tabs stay, or are shown where a text must be one line', () => {
  expect(printable('a\tb\nc')).toBe('a\tb\nc');
  expect(printableLine('a\tb\nc\u2028d')).toBe('a\\tb\\nc\\u2028d');
});

test('letters of any language stay as they are', () => {
  expect(printableLine('naïve 日本語 עברית 👨‍👩‍👧 \\x1b')).toBe('naïve 日本語 עברית 👨‍👩‍👧 \\x1b');
});

test('no text has a control character left', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/\p{Cc}/u.test(printableLine(text))));
});
