// Which run of a state directory began last, and the folder that it was given for its results, as far as anything there says so.

import { readRun, type RunRecord } from '../../workspace/run-manifest.ts';
import { runsInHistory, type Workspace } from '../../workspace/paths.ts';
import { readFirstLine } from '../loop/journal-file.ts';

/** What its journal says, or, if that is damaged or gone, its record. */
export function lastRun(workspace: Workspace): Pick<RunRecord, 'id' | 'output'> | undefined {
  const id = runsInHistory(workspace).at(-1);
  const started = id === undefined ? undefined : readFirstLine(workspace.journal(id));
  return id === undefined || started === undefined ? recorded(workspace) : { id, output: started.run.output };
}

function recorded(workspace: Workspace): RunRecord | undefined {
  try {
    return readRun(workspace.run);
  } catch {
    return undefined;
  }
}
