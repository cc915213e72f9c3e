// What a run leaves for people to read: its report, and its trace.

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { UsageError } from '../errors.ts';
import type { JournalLine } from '../scheduler/journal.ts';
import { reportPage } from '../status/page-file.ts';
import { writeWhole } from '../workspace.ts';

/** Writes the page with the journal in it, of which every line is whole. */
export function writeReport(path: string, journal: string): void {
  writeWhole(path, reportPage(journal));
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
