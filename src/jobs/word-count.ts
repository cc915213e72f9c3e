import { defineJob, sum } from 'http-mapreduce';

const WORDS = { alphanumeric: /[\p{L}\p{Nd}]+/gu, letters: /\p{L}+/gu };

export default defineJob({
  name: 'word-count',
  description:
    'how often each word occurs; --param words=letters --param case=keep takes runs of letters as they stand',
  params: { words: ['alphanumeric', 'letters'], case: ['lower', 'keep'] },
  map(line: string, emit, { params }) {
    for (const [word] of line.matchAll(WORDS[params.words]))
      emit(params.case === 'keep' ? word : word.toLowerCase(), 1);
  },
  combine: sum,
  reduce: sum,
});
