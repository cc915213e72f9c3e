import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { Bytes } from '../../../src/bytes.ts';
import { words, type WordsOptions } from '../../../src/formats/words/words.ts';
import { isWordScan, Kernel } from '../../../src/kernel/kernel.ts';
import { inText } from '../../fixtures/kernels.ts';
import { WAYS, wordsOf, wordTexts } from '../../fixtures/word-texts.ts';

const kernel = Kernel.lease(1 << 16);
afterAll(() => kernel[Symbol.dispose]());

/** The words of bytes in the kernel's memory, between others that could be taken for parts of them. */
function ofKernel(bytes: Buffer, options?: WordsOptions, at = 1): string[] {
  kernel.text.fill('a', 0, at);
  const record = inText(kernel, bytes, at);
  kernel.text.fill('b', record.end, record.end + 70);
  return Array.from(words(record, options), String);
}

function nextOf(iterator: Iterator<Bytes>): string | undefined {
  const { done, value } = iterator.next() as IteratorResult<Bytes, undefined>;
  return done === true ? undefined : value.toString();
}

test('the kernel finds the words of bytes that are in its memory', () => {
  expect(isWordScan(words(inText(kernel, Buffer.from('a b'))))).toBe(true);
  expect(isWordScan(words(new Bytes(Buffer.from('a b'))))).toBe(false);
});

test('the words are those that a regular expression finds in the text, UTF-8 or not, at any address', () => {
  const cases = fc.property(wordTexts, fc.constantFrom(...WAYS), fc.nat({ max: 130 }), (bytes, options, at) => {
    expect(ofKernel(bytes, options, at)).toEqual(wordsOf(bytes.toString(), options));
  });
  fc.assert(cases, { numRuns: 2000 });
});

test.for(['a', 'Z', 'é', 'İ', '日', '\u{10400}', '\u{1f433}', 'e\u0301', '\u0301', '\u{1d165}', '\xe9'])(
  'words of any length are found at any address around the 64 bytes that are searched together: %j',
  (character) => {
    const encoding = character === '\xe9' ? 'latin1' : 'utf8';
    for (let count = 0; count <= 135; count += count > 20 && count < 55 ? 7 : 1) {
      for (const before of [0, 1, 2, 3, 60, 61, 62, 63, 64]) {
        const bytes = Buffer.from(`${' '.repeat(before)}${character.repeat(count)} x`, encoding);
        for (const options of WAYS.slice(0, 2)) {
          const found = ofKernel(bytes, options, (before * 7) % 64);
          expect(found).toEqual(wordsOf(bytes.toString(), options));
        }
      }
    }
  },
);

test('a character that is cut off by the end of a record is not part of a word', () => {
  for (const character of ['é', '日', '\u{10400}']) {
    for (const before of [0, 1, 62, 63, 64, 127]) {
      const whole = Buffer.from(`${'x'.repeat(before)}${character}`);
      for (let cut = 1; cut < Buffer.byteLength(character); cut++) {
        const bytes = whole.subarray(0, whole.length - cut);
        inText(kernel, whole, 5);
        const found = Array.from(words(new Bytes(kernel.text, 5, 5 + bytes.length)), String);
        expect(found).toEqual(wordsOf(bytes.toString()));
      }
    }
  }
});

test.for([255, 256, 257, 512, 513, 5000])('%i words are all found', (count) => {
  const text = Array.from({ length: count }, (_, at) => (at % 5 === 0 ? `Ä${at}` : `W${at}`)).join(', ');
  for (const options of WAYS) expect(ofKernel(Buffer.from(text), options)).toEqual(wordsOf(text, options));
});

test('the words of a text that fills its memory are found up to the last byte', () => {
  const text = Buffer.alloc(kernel.text.length, 'Word and Wörd ');
  inText(kernel, text);
  for (const options of WAYS) {
    const found = Array.from(words(new Bytes(kernel.text), options), String);
    const wanted = wordsOf(text.toString(), options);
    expect(found.length).toBe(wanted.length);
    expect(found.join() === wanted.join()).toBe(true);
  }
});

test('every character of Unicode is part of a word if it is for the regular expression, also in the kernel', () => {
  for (const options of WAYS) {
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1 + (codePoint > 0x20000 ? 4001 : 0)) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const text = String.fromCodePoint(codePoint);
      const [word] = words(inText(kernel, Buffer.from(text)), options);
      const found = word?.toString();
      const [wanted] = wordsOf(text, options);
      if (found !== wanted) expect([codePoint, found]).toEqual([codePoint, wanted]);
    }
  }
});

test('several iterations over the words of one record may go on at the same time, in any steps', () => {
  fc.assert(
    fc.property(
      wordTexts,
      fc.array(fc.nat({ max: 2 }), { maxLength: 60, size: 'max' }),
      fc.array(fc.constantFrom(...WAYS), { minLength: 3, maxLength: 3 }),
      (bytes, steps, options) => {
        const record = inText(kernel, Buffer.concat([bytes, Buffer.from(' Ää b C '), bytes]));
        const text = record.toString();
        const iterators = options.map((options) => words(record, options)[Symbol.iterator]());
        const wanted = options.map((options) => wordsOf(text, options).values());
        for (const step of steps) {
          expect(nextOf(iterators[step]!)).toBe(wanted[step]!.next().value);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('nested loops over words get all of them, and a loop that is broken off does not disturb the others', () => {
  const text = Array.from({ length: 300 }, (_, at) => (at % 3 === 0 ? `É${at}` : `E${at}`)).join(' ');
  const record = inText(kernel, Buffer.from(text));
  const all = wordsOf(text);
  const outer: string[] = [];
  for (const word of words(record)) {
    outer.push(word.toString());
    let inner = 0;
    for (const _ of words(record, { case: 'keep' })) if (inner++ === outer.length) break;
    if (outer.length % 100 === 0) expect(Array.from(words(record), String)).toEqual(all);
  }
  expect(outer).toEqual(all);
});

test('the words of a word are found, and the words of these, at any depth', () => {
  const text = 'Ab12Cd É1é x9';
  for (const options of WAYS) {
    const record = inText(kernel, Buffer.from(text));
    const found = Array.from(words(record, { case: options.case! }), (word) =>
      Array.from(words(word, options), (part) => Array.from(words(part, { words: 'letters' }), String)),
    );
    expect(found).toEqual(
      wordsOf(text, { case: options.case! }).map((word) =>
        wordsOf(word, options).map((part) => wordsOf(part, { words: 'letters' })),
      ),
    );
  }
});

test('finding the words of a word changes nothing in the kernel except its text', () => {
  const record = inText(kernel, Buffer.from('Ab1Cd 2Ef'));
  const { OUT, numbers } = kernel.exports;
  kernel.bytes.fill(7, OUT.value, numbers.value + 1000);
  for (const word of words(record)) {
    for (const part of words(word, { words: 'letters' })) for (const _ of words(part));
  }
  expect(kernel.bytes.subarray(OUT.value, numbers.value + 1000).every((byte) => byte === 7)).toBe(true);
});

test('each word is a separate view', () => {
  const record = inText(kernel, Buffer.from('One Zwölf three'));
  expect([...words(record)].map(String)).toEqual(['one', 'zwölf', 'three']);
  const [first, second] = words(record, { case: 'keep' });
  expect([first, second].map(String)).toEqual(['One', 'Zwölf']);
});

test('an iteration that has ended stays ended', () => {
  const iterator = words(inText(kernel, Buffer.from('a')))[Symbol.iterator]();
  expect([nextOf(iterator), iterator.next().done, iterator.next().done]).toEqual(['a', true, true]);
});

test('records of a block use the words that the search for another record has found, whatever part of a record is asked for', () => {
  const step = fc.record({
    options: fc.constantFrom(...WAYS.slice(0, 2), ...WAYS.slice(0, 2), ...WAYS),
    /** How many words are taken. */
    limit: fc.oneof({ weight: 4, arbitrary: fc.constant(Infinity) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
    /** Which record comes next, and how much is cut off at its ends. */
    move: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) }),
    cut: fc.oneof(
      { weight: 6, arbitrary: fc.constant([0, 0] as const) },
      { weight: 1, arbitrary: fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })) },
    ),
  });
  const cases = fc.property(
    fc.array(wordTexts, { maxLength: 20 }),
    fc.array(step, { maxLength: 40 }),
    (texts, steps) => {
      const text = Buffer.concat(texts.flatMap((line) => [line, Buffer.from('\n')]));
      inText(kernel, text);
      kernel.beginText(text.length);
      const ends = [...text.keys()].filter((at) => text[at] === 0x0a);
      let line = 0;
      for (const { options, limit, move, cut } of steps) {
        const start = Math.min((line === 0 ? 0 : (ends[line - 1] ?? 0) + 1) + cut[0], text.length);
        const end = Math.max((ends[line] ?? text.length) - cut[1], start);
        const found = Iterator.from(words(new Bytes(kernel.text, start, end), options))
          .map(String)
          .take(limit)
          .toArray();
        expect(found).toEqual(wordsOf(text.toString('utf8', start, end), options).slice(0, limit));
        line = Math.min(Math.max(line + move, 0), ends.length);
      }
    },
  );
  fc.assert(cases, { numRuns: 500 });
  kernel.beginText(0);
});
