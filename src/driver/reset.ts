// Takes the state directory back to what it was before the first run.

import { existsSync, rmSync } from 'node:fs';

import { clearHistory, clearRun, type Workspace } from '../workspace.ts';
import { lockDirectory } from './lock.ts';

/**
 * Removes chunks, intermediate runs, outputs, attempts and the history, the run's record and the token. Workers that listen go on.
 * @throws UsageError while a driver runs there
 */
export function resetWorkspace(workspace: Workspace): void {
  if (!existsSync(workspace.dir)) return;
  using _lock = lockDirectory(workspace.lock, 'a reset');
  clearRun(workspace);
  clearHistory(workspace);
  rmSync(workspace.token, { force: true });
}
