// Reads the journals of a state directory: of all runs, or of one.

import { messageOf, UsageError } from '../errors.ts';
import { readJournal } from '../driver/loop/journal-file.ts';
import type { JournalLine } from '../scheduler/journal.ts';
import type { Workspace } from '../workspace/paths.ts';
import { runsInHistory } from '../workspace/run-history.ts';

export interface RunJournal {
  readonly runId: string;
  readonly lines: readonly JournalLine[];
  /** `false`: the end of the journal is torn or damaged, and has been left out. */
  readonly isWhole: boolean;
}

/** The journals of all runs, the oldest first. `onOdd` is called for each file that is not a journal, or is of another version. */
export function journalsOf(workspace: Workspace, onOdd: (message: string) => void): RunJournal[] {
  const journals = runsInHistory(workspace).flatMap((runId) => {
    try {
      const { lines, isWhole } = readJournal(workspace.journal(runId)) ?? { lines: [], isWhole: true };
      return lines.length === 0 ? [] : [{ runId, lines, isWhole }];
    } catch (error) {
      onOdd(messageOf(error));
      return [];
    }
  });
  // Not by their ids, which only have the second in which a run began: several may have begun in one.
  return journals.sort((a, b) => a.lines[0]!.at - b.lines[0]!.at);
}

/**
 * The journal of one run, which is named by its id or the begin of its id.
 * @throws UsageError if there is no such run, or more than one
 */
export function journalOf(workspace: Workspace, run: string): RunJournal {
  const found = runsInHistory(workspace).filter((runId) => runId.startsWith(run));
  const [runId, another] = found;
  if (runId === undefined || another !== undefined) {
    const what = runId === undefined ? 'none' : `${found.length}: ${found.join(', ')}`;
    throw new UsageError(
      `run ${run}: expected one run in ${workspace.history}, found ${what}; mapreduce history lists them`,
    );
  }
  const path = workspace.journal(runId);
  const { lines, isWhole } = readJournal(path) ?? { lines: [], isWhole: true };
  if (lines.length === 0) throw new UsageError(`${path}: expected the journal of a run, found none`);
  return { runId, lines, isWhole };
}
