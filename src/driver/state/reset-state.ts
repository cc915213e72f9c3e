// Resets the state directory to what it was before the first run.

import { existsSync } from 'node:fs';

import { clearResults, dropAllWork } from '../../workspace/result-set.ts';
import { removeFile } from '../../machine/regular-file.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { clearHistory } from '../../workspace/run-history.ts';
import { clearParts, clearRun } from '../../workspace/run-lifecycle.ts';
import { forgetStanding } from '../crew/discovery.ts';
import { lastRun } from '../resume/last-run.ts';
import { lockDirectory } from './lock.ts';

/**
 * Removes chunks, map outputs, results, attempts, the history, the manifest of the run and the token. Workers that listen
 * continue to run, and their announcement stays.
 * @throws UsageError while a driver runs there
 */
export function resetWorkspace(workspace: Workspace): void {
  if (!existsSync(workspace.dir)) return;
  using _lock = lockDirectory(workspace.lock, 'a reset');
  clearParts(workspace);
  dropAllWork(workspace, lastRun(workspace));
  clearResults(workspace);
  clearRun(workspace);
  clearHistory(workspace);
  removeFile(workspace.token);
  forgetStanding(workspace);
}
