// Generates words that can be pronounced, short ones for frequent ranks, for the other generators.

import type { Random } from './random.ts';

const ONSETS = [
  '',
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'w',
  'st',
  'tr',
  'ch',
  'sh',
  'th',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'e', 'a', 'o', 'ea', 'ou'];
const CODAS = ['', '', '', 'n', 'r', 's', 't', 'l', 'd', 'nd', 'ng'];
const ACCENTS: Readonly<Record<string, string>> = { a: 'à', e: 'é', i: 'ï', o: 'ö', u: 'ü', c: 'ç', n: 'ñ' };

const SHORTEST = 0.5;
/** By how much a word grows when its rank grows by the factor e. */
const GROWTH = 0.6;
const SPREAD = 2.4;
const ACCENTED_SHARE = 0.015;
/** Frequent words have no accents, so accents are rare in a text. */
const FIRST_ACCENTED_RANK = 300;

/** `count` different words in lower case, by rank: the most frequent first. All begin with an ASCII letter. */
export function makeVocabulary(random: Random, count: number): string[] {
  const words = new Set<string>();
  while (words.size < count) {
    const rank = words.size + 1;
    const length = SHORTEST + GROWTH * Math.log(rank) + SPREAD * random.fraction();
    const word = makeWord(random, Math.round(length));
    words.add(rank >= FIRST_ACCENTED_RANK && random.fraction() < ACCENTED_SHARE ? accented(word) : word);
  }
  return [...words];
}

function makeWord(random: Random, length: number): string {
  let word = '';
  while (word.length < length) word += random.among(ONSETS) + random.among(VOWELS) + random.among(CODAS);
  return word.slice(0, Math.max(1, length));
}

/** The word with an accent on the last letter that can have one, except the first letter. */
function accented(word: string): string {
  for (let at = word.length - 1; at > 0; at--) {
    const accent = ACCENTS[word[at]!];
    if (accent !== undefined) return word.slice(0, at) + accent + word.slice(at + 1);
  }
  return word;
}
