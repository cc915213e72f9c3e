import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes } from '../../../../src/bytes.ts';
import { words, type WordsOptions } from '../../../../src/formats/words/words.ts';
import { WAYS, wordsOf } from '../../../fixtures/word-texts.ts';

function ofBytes(bytes: Buffer, options?: WordsOptions): string[] {
  const around = Buffer.concat([Buffer.from('a'), bytes, Buffer.from('b')]);
  return Array.from(words(new Bytes(around, 1, 1 + bytes.length), options), String);
}

const characters = fc.constantFrom(
  ...Array.from(
    'aZ09 -_ßÉéİΣς½²Ⅷ٣日本語ﬁ\u0301\u0301\u094d\u093f\u20dd\u{1d165}\u{e0100}\ufeff\u{1d400}\u{1f433}\u{10400}\n\0',
  ),
);
const texts = fc.oneof(
  fc.string({ unit: characters, maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);

test('the words of a text are those that a regular expression finds, in strings as in bytes', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...WAYS), (text, options) => {
      const wellFormed = text.toWellFormed();
      expect([...words(wellFormed, options)]).toEqual(wordsOf(wellFormed, options));
      expect(ofBytes(Buffer.from(wellFormed), options)).toEqual(wordsOf(wellFormed, options));
    }),
    { numRuns: 500 },
  );
});

test('bytes that are not UTF-8 separate words, as U+FFFD does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...WAYS), (bytes, options) => {
      const buffer = Buffer.from(bytes);
      expect(ofBytes(buffer, options)).toEqual(wordsOf(buffer.toString(), options));
    }),
    { numRuns: 500 },
  );
});

test('every character of Unicode is part of a word if it is for the regular expression', () => {
  for (const options of WAYS) {
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1 + (codePoint > 0x20000 ? 4001 : 0)) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const text = String.fromCodePoint(codePoint);
      const [word] = words(text, options);
      if (word !== wordsOf(text, options)[0]) expect([codePoint, word]).toEqual([codePoint, wordsOf(text, options)[0]]);
    }
  }
});

test('without options, words are letters and digits, lower-cased', () => {
  expect([...words("It's 4 PM, Käthe")]).toEqual(['it', 's', '4', 'pm', 'käthe']);
});

test('marks belong to the word that they follow, and do not begin one', () => {
  const text = 'क्या हिन्दी cafe\u0301 \u0301x 7\u0301 -\u093f-';
  expect([...words(text)]).toEqual(['क्या', 'हिन्दी', 'cafe\u0301', 'x', '7\u0301']);
  expect([...words(text, { words: 'letters' })]).toEqual(['क्या', 'हिन्दी', 'cafe\u0301', 'x']);
});

test('each word is a separate view, and each step returns a new result', () => {
  for (const record of ['One Two three', new Bytes(Buffer.from('One Two three'))]) {
    const all = words(record as string);
    expect(Array.from(all).map(String)).toEqual(['one', 'two', 'three']);
    const [first, second] = words(record as string);
    expect([first, second].map(String)).toEqual(['one', 'two']);
    const iterator = words(record as string)[Symbol.iterator]();
    const steps = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    expect(steps.map(({ done, value }) => [done, String(value)])).toEqual([
      [false, 'one'],
      [false, 'two'],
      [false, 'three'],
      [true, 'undefined'],
    ]);
  }
});

test('a second iteration over words is refused: it would find none', () => {
  for (const found of [words('a b'), words(new Bytes(Buffer.from('a b')))]) {
    expect([...found].map(String)).toEqual(['a', 'b']);
    expect(() => [...found]).toThrow(/words of a record can be iterated once; keep them with \[\.\.\.words/);
  }
});

test('a value that is not a record is refused', () => {
  for (const record of [undefined, 5, ['a'], Buffer.from('a')]) {
    expect(() => words(record as unknown as string)).toThrow('words: expected a record, a text or Bytes, found ');
  }
});

test('a word does not change while other words are found', () => {
  const record = new Bytes(Buffer.from(`Aa ${'Bb '.repeat(40_000)}`));
  const [outer] = Array.from(words(record), (word) => {
    if (word.toString() === 'aa') for (const _ of words(record));
    return word.toString();
  });
  expect(outer).toBe('aa');
});
