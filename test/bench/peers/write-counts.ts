// Writes the counts of the peers that run on Node, in pieces, since one string of all of them might be too long.

import { writeSync } from 'node:fs';

const PIECE_CHARACTERS = 1 << 20;
const STDOUT = 1;

/** Writes `key TAB value` lines to stdout. */
export function writeEntries(entries: Iterable<readonly [key: string, value: string | number]>): void {
  let piece = '';
  for (const [key, value] of entries) {
    piece += `${key}\t${value}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    writeAll(piece);
    piece = '';
  }
  writeAll(piece);
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at);
}
