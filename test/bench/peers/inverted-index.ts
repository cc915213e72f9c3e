// Lists the pages in which each word of a file occurs, in one pass: `node inverted-index.ts FILE` prints `word TAB count pages`.

import { readLines } from './read-lines.ts';
import { writeEntries } from './write-counts.ts';

const PAGE_BYTES = 1 << 16;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: inverted-index.ts FILE');

/** The pages of each word, in rising order because the file is read from its start. */
const index = new Map<string, number[]>();
readLines(path, 0, 1, (line, offset) => {
  const page = Math.floor(offset / PAGE_BYTES);
  for (const [word] of line.matchAll(/\p{L}+/gu)) {
    const pages = index.get(word);
    if (pages === undefined) index.set(word, [page]);
    else if (pages.at(-1) !== page) pages.push(page);
  }
});
writeEntries(entries());

function* entries(): Generator<[string, string]> {
  for (const [word, pages] of index) yield [word, `${pages.length} ${pages.join(',')}`];
}
