// Lists the pages in which each word occurs, like the index of a search engine, with numbers for pages and no combiner.

import { defineJob, type MapContext, words } from 'http-mapreduce';

/** The bytes of a page of the input. A line belongs to the page in which it begins. */
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
