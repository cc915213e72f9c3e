// Reads the page, one file that `npm run build:page` makes from `page/`. As it is, it asks the driver for its data. With the journal
// of a run in it, it is a report, which needs no server. The page folds the journal itself, so a report costs the driver no more
// than a copy.

import { readFileSync } from 'node:fs';

const PAGE = new URL('page.html', import.meta.url);
/** The journal follows this tag. */
const DATA = '<script type="application/x-ndjson" id="journal">';

/** The page itself has a policy that allows only its own script and style, by their digests: see its first lines. */
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

/** The report of a run, in pieces as the journal is read. In JSON `<` occurs only within strings, so it can be written as an escape. */
export function* reportPage(journal: Iterable<Buffer>): Generator<Buffer> {
  const page = livePage();
  const at = page.indexOf(DATA) + DATA.length;
  yield Buffer.from(page.slice(0, at));
  for (const piece of journal) yield escaped(piece);
  yield Buffer.from(page.slice(at));
}

/** In UTF-8 the byte of `<` is never part of another character. */
function escaped(piece: Buffer): Buffer {
  if (!piece.includes('<')) return piece;
  return Buffer.from(piece.toString('latin1').replaceAll('<', String.raw`\u003c`), 'latin1');
}
