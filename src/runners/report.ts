// What a run leaves for people to read: its report, and its trace.

import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { UsageError } from '../errors.ts';
import type { JournalLine } from '../scheduler/journal.ts';
import { reportPage } from '../status/page-file.ts';

const PIECE_BYTES = 1 << 20;

/** Writes the page with a journal in it, of which every line is whole: piece by piece, because a journal may be large. */
export function writeReport(path: string, journal: Iterable<Buffer>): void {
  const temporary = `${path}.${process.pid}`;
  try {
    const fd = openSync(temporary, 'w');
    try {
      for (const piece of reportPage(journal)) writeFileSync(fd, piece);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A file, piece by piece, each in the same memory. */
export function* piecesOf(path: string): Generator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const fd = openSync(path, 'r');
  try {
    for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) yield piece.subarray(0, count);
  } finally {
    closeSync(fd);
  }
}

/** Writes the run as a Chrome trace, which Perfetto shows. */
export async function writeTrace(path: string, lines: readonly JournalLine[]): Promise<void> {
  const [{ RunView }, { traceText }] = await Promise.all([
    import('../status/run-view.ts'),
    import('../status/trace.ts'),
  ]);
  writeFileSync(path, traceText(RunView.of(lines).record));
}

/** Looks before the run whether its trace can be written after it. @throws UsageError where its folder is not there */
export function checkTracePath(path: string | undefined): void {
  if (path === undefined || existsSync(dirname(resolve(path)))) return;
  throw new UsageError(
    `--trace ${path}: expected a file in a folder that is there, found no ${dirname(resolve(path))}`,
  );
}
