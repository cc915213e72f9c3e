// The page as one file, which `npm run build:page` makes of `page/`: as it is, it asks the driver for its data; with the
// journal of a run in it, it is a report, which needs nobody. The page folds the journal itself, so a report costs its
// driver no more than a copy.

import { readFileSync } from 'node:fs';

const PAGE = new URL('page.html', import.meta.url);
/** Where the journal goes. */
const DATA = '<script type="application/x-ndjson" id="journal">';

/** The page allows itself its own script and style, by their digests, and nothing else: see its first lines. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "frame-ancestors 'none'",
};

export function livePage(): string {
  return readFileSync(PAGE, 'utf8');
}

/** A file that shows a run, without network; in pieces, as the journal comes. In JSON, `<` stands in texts only, so it can be written in another way. */
export function* reportPage(journal: Iterable<Buffer>): Generator<Buffer> {
  const page = livePage();
  const at = page.indexOf(DATA) + DATA.length;
  yield Buffer.from(page.slice(0, at));
  for (const piece of journal) yield escaped(piece);
  yield Buffer.from(page.slice(at));
}

/** In UTF-8 the byte of `<` is nothing else. */
function escaped(piece: Buffer): Buffer {
  if (!piece.includes('<')) return piece;
  return Buffer.from(piece.toString('latin1').replaceAll('<', String.raw`\u003c`), 'latin1');
}
