import { byteBlocks, defineJob, sum, words } from 'http-mapreduce';

export default defineJob({
  name: 'word-count',
  description:
    'how often each word occurs; --param words=letters --param case=keep counts sequences of letters with their case',
  params: { words: ['alphanumeric', 'letters'], case: ['lower', 'keep'] },
  input: byteBlocks(),
  map(text, { emit, params }) {
    emit.each(words(text, params), 1);
  },
  combine: sum,
  reduce: sum,
});
