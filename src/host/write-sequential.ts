// Writes the output of a sequential run to the driver, as fast as that takes it.

import { writeSync } from 'node:fs';

import { OUTPUT_FD } from '../runners/host-messages.ts';
import { runSequential, type SequentialOptions } from '../runners/sequential.ts';

const PIECE_LENGTH = 1 << 16;

export async function writeSequential(options: SequentialOptions): Promise<void> {
  let piece = '';
  for (const line of await runSequential(options)) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    writeAll(piece);
    piece = '';
  }
  writeAll(piece);
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(OUTPUT_FD, bytes, written);
}
