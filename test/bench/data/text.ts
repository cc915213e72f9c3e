// Generates text like that of novels: words by Zipf's law, sentences with punctuation, lines of about 72 columns, paragraphs.
//
// Words are sequences of letters. Dashes (U+2014) are alone between spaces. So a tool that knows only bytes, and takes every
// byte from 0x80 on for a letter, finds the same words and needs only to drop the dash.

import type { Random } from './random.ts';
import { makeVocabulary } from './vocabulary.ts';
import { WeightedChoice, zipfWeights } from './weighted-choice.ts';
import type { WriteLine } from './write-lines.ts';

/** A text has about twice as many distinct words, since words at the start of a sentence have a capital. */
const VOCABULARY = 50_000;
const COLUMNS = 72;
const SPACE = 0x20;
const LF = 0x0a;
const DASH = Buffer.from('— ');

/** What follows a word, and in how many of 4096 cases. After a mark that ends a sentence, a word has a capital. */
const FOLLOWING: readonly (readonly [mark: string, share: number])[] = [
  ['. ', 200],
  ['? ', 14],
  ['! ', 12],
  [', ', 330],
  ['; ', 30],
  [': ', 16],
  ['-', 24],
  [' 1847 ', 6],
  [' (1901) ', 4],
  ["' ", 8],
  ['" ', 16],
];
const SENTENCE_ENDS = 3;
const DASH_SHARE = 20;
const PARAGRAPH_SHARE = 400;

/** A writer of lines of text. */
export function textWriter(random: Random): WriteLine {
  const words = makeVocabulary(random, VOCABULARY).map((word) => Buffer.from(word));
  const ranks = new WeightedChoice(zipfWeights(VOCABULARY));
  const marks = FOLLOWING.map(([mark]) => Buffer.from(mark));
  const markOf = new Int8Array(4096).fill(-1);
  let share = 0;
  for (const [index, [, count]] of FOLLOWING.entries()) markOf.fill(index, share, (share += count));
  markOf.fill(marks.length, share, share + DASH_SHARE);
  let startsSentence = true;

  return (block, at) => {
    const lineEnd = at + COLUMNS - 6;
    let end = at;
    if (startsSentence && random.below(4096) < PARAGRAPH_SHARE) block[end++] = LF;
    while (end < lineEnd) {
      const word = words[ranks.draw(random)]!;
      const start = end;
      for (let i = 0; i < word.length; i++) block[end++] = word[i]!;
      if (startsSentence) block[start] = block[start]! - 0x20;
      const mark = markOf[random.next() >>> 20]!;
      startsSentence = mark >= 0 && mark < SENTENCE_ENDS;
      if (mark < 0) block[end++] = SPACE;
      else if (mark < marks.length) end += marks[mark]!.copy(block, end);
      else {
        block[end++] = SPACE;
        end += DASH.copy(block, end);
      }
    }
    // The last space, or hyphen, of the line becomes its end.
    block[end - 1] = LF;
    return end;
  };
}
