// What a run leaves for people to read: its report, and its trace.

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { UsageError } from '../errors.ts';
import type { JournalLine } from '../scheduler/journal.ts';
import { replaceFile } from '../machine/regular-file.ts';
import { reportPage } from './page-file.ts';

/**
 * Writes the page with a journal in it, of which every line is whole: piece by piece, because a journal may be large. A report
 * that is damaged is made anew in the same way.
 * @throws SystemError if the machine refuses
 */
export function writeReport(path: string, journal: Iterable<Buffer>): void {
  replaceFile(path, reportPage(journal), { synced: true });
}

/** Writes the run as a Chrome trace, which Perfetto shows. */
export async function writeTrace(path: string, lines: readonly JournalLine[]): Promise<void> {
  const [{ RunView }, { traceText }] = await Promise.all([import('../view/fold.ts'), import('./trace.ts')]);
  writeFileSync(path, traceText(RunView.of(lines).record));
}

/** Looks before the run whether its trace can be written after it. @throws UsageError where its folder is not there */
export function checkTracePath(path: string | undefined): void {
  if (path === undefined || existsSync(dirname(resolve(path)))) return;
  throw new UsageError(
    `--trace ${path}: expected a file in a folder that is there, found no ${dirname(resolve(path))}`,
  );
}
