// Which run of a state directory began last, and the folder that it was given for its results, as far as anything there says so.

import { readManifest, type RunManifest } from '../../workspace/run-manifest.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { runsInHistory } from '../../workspace/run-history.ts';
import { readFirstLine } from '../loop/journal-file.ts';

/** What its journal says, or, if that is damaged or gone, its record. */
export function lastRun(workspace: Workspace): Pick<RunManifest, 'id' | 'output'> | undefined {
  const id = runsInHistory(workspace).at(-1);
  const started = id === undefined ? undefined : readFirstLine(workspace.journal(id));
  return id === undefined || started === undefined ? recorded(workspace) : { id, output: started.run.output };
}

function recorded(workspace: Workspace): RunManifest | undefined {
  try {
    return readManifest(workspace.run);
  } catch {
    return undefined;
  }
}
