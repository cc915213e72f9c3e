// Word count as in the README: strings, a regular expression, yield.

import { defineJob, sum } from 'http-mapreduce';

export default defineJob({
  name: 'word-count-regex',
  *map(line: string) {
    for (const [word] of line.matchAll(/\p{L}+/gu)) yield [word, 1];
  },
  combine: sum,
  reduce: sum,
});
