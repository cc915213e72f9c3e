// What the journals of a state directory tell: which runs there were, and how one of them went.

import { messageOf, UsageError } from '../errors.ts';
import { readJournal } from '../driver/loop/journal-file.ts';
import type { JournalLine } from '../scheduler/journal.ts';
import type { Workspace } from '../workspace/paths.ts';
import { runsInHistory } from '../workspace/run-history.ts';

export interface RunJournal {
  readonly runId: string;
  readonly lines: readonly JournalLine[];
  /** `false`: its end is torn or damaged, and was left out. */
  readonly isWhole: boolean;
}

/** The journals of all runs, the oldest first. `onOdd` hears of each that is none, or of another version. */
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
  // Their ids tell the second, in which several may have begun.
  return journals.sort((a, b) => a.lines[0]!.at - b.lines[0]!.at);
}

/**
 * The journal of one run, which is named by its id or by how that begins.
 * @throws UsageError where there is none, or more than one
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
