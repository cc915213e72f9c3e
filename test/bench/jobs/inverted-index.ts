// In which pages a word stands: an index as search engines have it, with numbers for pages, and nothing to combine.

import { defineJob, type MapContext, words } from 'http-mapreduce';

/** A page is so many bytes of the input; a line belongs to the one in which it begins. */
const PAGE_BYTES = 1 << 16;
const LETTERS = { words: 'letters', case: 'keep' } as const;

export default defineJob({
  name: 'bench-inverted-index',
  map(line: string, { emit, ...context }: MapContext<number>) {
    const page = Math.floor(context.offset / PAGE_BYTES);
    for (const word of words(line, LETTERS)) emit(word, page);
  },
  reduce(_word, pages) {
    const distinct = [...new Set(pages)].sort((a, b) => a - b);
    return `${distinct.length} ${distinct.join(',')}`;
  },
});
