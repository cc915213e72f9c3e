// Writes the report and the trace of a run.

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { UsageError } from '../errors.ts';
import type { JournalLine } from '../scheduler/journal.ts';
import { replaceFile } from '../machine/regular-file.ts';
import { reportPage } from './page-file.ts';

/**
 * Writes the page with a journal in it, piece by piece because a journal may be large. All lines of the journal must be whole. A
 * damaged report is replaced in the same way.
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

/** Checks before a run that its trace can be written after it. @throws UsageError if the folder does not exist */
export function checkTracePath(path: string | undefined): void {
  if (path === undefined || existsSync(dirname(resolve(path)))) return;
  throw new UsageError(
    `--trace ${path}: expected a file in a folder that is there, found no ${dirname(resolve(path))}`,
  );
}
