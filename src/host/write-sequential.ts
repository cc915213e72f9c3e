// Writes the output of a sequential run to the driver, as fast as the driver reads it.

import { writeSync } from 'node:fs';

import { OUTPUT_FD } from '../engine/host-messages.ts';
import { runSequential, type SequentialOptions } from '../engine/sequential-run.ts';

const PIECE_LENGTH = 1 << 16;

export async function writeSequential(options: Omit<SequentialOptions, 'write'>): Promise<void> {
  let piece = '';
  const write = (line: string): void => {
    // A long line is written on its own: together with others it might exceed the longest possible string.
    if (piece.length + line.length > PIECE_LENGTH) {
      writeAll(piece);
      piece = '';
    }
    if (line.length > PIECE_LENGTH) writeAll(line);
    else piece += line;
  };
  await runSequential({ ...options, write });
  writeAll(piece);
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(OUTPUT_FD, bytes, written);
}
