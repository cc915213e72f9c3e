// Reads the lines of a part of a file, for the peers that run on Node: in big blocks, without streams, without a promise per line.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 1 << 20;
const LF = 0x0a;

/**
 * Calls `see` with each line of part `part` of `parts`, and with its byte offset. Parts have the same size, except that a line
 * belongs to the part in which it begins.
 */
export function readLines(
  path: string,
  part: number,
  parts: number,
  see: (line: string, offset: number) => void,
): void {
  const file = openSync(path, 'r');
  const size = fstatSync(file).size;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let offset = lineStart(file, Math.floor((size * part) / parts));
  const end = part === parts - 1 ? size : lineStart(file, Math.floor((size * (part + 1)) / parts));
  while (offset < end) {
    const count = readSync(file, block, 0, Math.min(BLOCK_BYTES, end - offset), offset);
    const last = block.lastIndexOf(LF, count - 1);
    const used = offset + count === end ? count : last + 1;
    if (used === 0) throw new Error(`${path}: a line of more than ${BLOCK_BYTES} bytes`);
    for (let start = 0; start < used;) {
      const found = block.indexOf(LF, start);
      const lineEnd = found < 0 || found >= used ? used : found;
      see(block.toString('utf8', start, lineEnd), offset + start);
      start = lineEnd + 1;
    }
    offset += used;
  }
  closeSync(file);
}

/** The begin of the first line at or after a position. */
function lineStart(file: number, position: number): number {
  if (position === 0) return 0;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const count = readSync(file, block, 0, BLOCK_BYTES, position - 1);
  const found = block.subarray(0, count).indexOf(LF);
  return position + (found < 0 ? count - 1 : found);
}
