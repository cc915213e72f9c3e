import { byteLines, defineJob, sum, words } from 'http-mapreduce';

export default defineJob({
  name: 'word-count',
  description:
    'how often each word occurs; --param words=letters --param case=keep takes runs of letters as they stand',
  params: { words: ['alphanumeric', 'letters'], case: ['lower', 'keep'] },
  input: byteLines(),
  map(line, emit, { params }) {
    for (const word of words(line, params)) emit(word, 1);
  },
  combine: sum,
  reduce: sum,
});
