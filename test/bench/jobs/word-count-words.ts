// Word count on strings with `words()`, which finds what the regular expression finds.

import { defineJob, sum, words } from 'http-mapreduce';

const LETTERS = { words: 'letters', case: 'keep' } as const;

export default defineJob({
  name: 'word-count-words',
  map(line: string, { emit }) {
    for (const word of words(line, LETTERS)) emit(word, 1);
  },
  combine: sum,
  reduce: sum,
});
