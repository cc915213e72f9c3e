// Opens the journal of a run: resumes that of an earlier driver, or starts a new one with its first line.

import { JOURNAL, type RunIdentity, type RunStarted } from '../../scheduler/journal.ts';
import { dropAllWork, type Results } from '../../workspace/result-set.ts';
import { clearParts, forgetRun } from '../../workspace/run-lifecycle.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { lastRun } from '../resume/last-run.ts';
import type { Unfinished } from '../resume/unfinished-run.ts';
import { writable } from '../state/writable-directory.ts';
import { JournalFile } from './journal-file.ts';
import { nowMs } from './run-time.ts';

/** What the first line of a new journal says of the run. */
export interface NewRun extends Pick<RunStarted, 'options' | 'watch'> {
  readonly identity: RunIdentity;
  readonly results: Results;
}

/** @throws UsageError if the state directory cannot be written; SystemError if the machine refuses */
export function openJournal(workspace: Workspace, run: NewRun, earlier: Unfinished | undefined): JournalFile {
  const { identity, results, options, watch } = run;
  const path = workspace.journal(identity.runId);
  clearParts(workspace);
  if (earlier !== undefined) return JournalFile.resume(path, earlier.journal);
  // From here on the files belong to no run: if this driver dies before it has laid down its own, there is nothing to resume.
  const journal = writable(workspace.run, () => {
    dropAllWork(workspace, lastRun(workspace));
    forgetRun(workspace);
    return JournalFile.create(path);
  });
  const started = { type: 'run-started', journal: JOURNAL, run: identity, results: results.folder } as const;
  journal.append([{ at: nowMs(), ...started, options, watch }]);
  return journal;
}
