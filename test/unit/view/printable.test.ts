import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { printable, printableLine } from '../../../src/view/printable.ts';

test('characters that a terminal would obey are shown as escapes', () => {
  expect(printable('\u001B[2Jred\u0007\r\u009B1m\u202Etxt\u007F')).toBe('\\x1b[2Jred\\x07\\x0d\\x9b1m\\u202etxt\\x7f');
});

test('line ends and tabs stay, or are escapes if the text must be one line', () => {
  expect(printable('a\tb\nc')).toBe('a\tb\nc');
  expect(printableLine('a\tb\nc\u2028d')).toBe('a\\tb\\nc\\u2028d');
});

test('letters of all languages are unchanged', () => {
  expect(printableLine('naïve 日本語 עברית 👨‍👩‍👧 \\x1b')).toBe('naïve 日本語 עברית 👨‍👩‍👧 \\x1b');
});

test('no text has a control character left', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/\p{Cc}/u.test(printableLine(text))));
});
