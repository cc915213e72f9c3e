// Finds the run of a state directory that began last, and the folder of its results, as far as files there show it.

import { readManifest, type RunManifest } from '../../workspace/run-manifest.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { runsInHistory } from '../../workspace/run-history.ts';
import { readFirstLine } from '../loop/journal-file.ts';

/** The last run by its journal; if that is damaged or gone, by the manifest. */
export function lastRun(workspace: Workspace): Pick<RunManifest, 'id' | 'output'> | undefined {
  const id = runsInHistory(workspace).at(-1);
  const started = id === undefined ? undefined : readFirstLine(workspace.journal(id));
  return id === undefined || started === undefined ? inManifest(workspace) : { id, output: started.run.output };
}

function inManifest(workspace: Workspace): RunManifest | undefined {
  try {
    return readManifest(workspace.run);
  } catch {
    return undefined;
  }
}
