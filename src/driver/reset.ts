// Takes the state directory back to what it was before the first run.

import { existsSync, rmSync } from 'node:fs';

import { clearRun, type Workspace } from '../workspace.ts';
import { lockDirectory } from './lock.ts';

/**
 * Removes chunks, intermediate runs, outputs and attempts, the run's record and the token. Workers that listen go on.
 * @throws UsageError while a driver runs there
 */
export function resetWorkspace(workspace: Workspace): void {
  if (!existsSync(workspace.dir)) return;
  using _lock = lockDirectory(workspace.lock, 'a reset');
  clearRun(workspace);
  rmSync(workspace.token, { force: true });
}
