// Sorts records as strings: ten characters are the key, the text after the tab is the value. Partitions are ranges: the
// outputs, one after another, are sorted.

import { defineJob } from 'http-mapreduce';

const KEY_LENGTH = 10;

export default defineJob({
  name: 'sort-strings',
  partition: 'range',
  map(record: string, { emit }) {
    emit(record.slice(0, KEY_LENGTH), record.slice(KEY_LENGTH + 1));
  },
  *reduce(key, rests) {
    for (const rest of rests) yield [key, rest];
  },
});
