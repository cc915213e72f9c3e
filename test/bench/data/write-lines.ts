// Writes a file of lines of a given size.

import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** Writes a line, with its LF, into the block from `at` on, and returns where it ends. */
export type WriteLine = (block: Buffer, at: number) => number;

const BLOCK_BYTES = 1 << 22;
const LONGEST_LINE_BYTES = 1 << 12;

/** Writes as many whole lines as fit into `sizeBytes`. The file appears with all of them, or not at all. */
export function writeLines(path: string, sizeBytes: number, writeLine: WriteLine): void {
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const temporary = `${path}.${process.pid}`;
  const file = openSync(temporary, 'w');
  try {
    let left = sizeBytes;
    for (let used = 0; ;) {
      const end = writeLine(block, used);
      const isFull = end > left;
      if (!isFull) used = end;
      if (isFull || used > BLOCK_BYTES - LONGEST_LINE_BYTES) {
        writeSync(file, block, 0, used);
        left -= used;
        used = 0;
      }
      if (isFull) break;
    }
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
