// The files of committed tasks when a run is resumed, and before its end: which are kept, and whether they still are what
// was committed. `unfinished-run.ts` decides whether a run is resumed at all.

import type { CommittedFile } from '../../scheduler/events.ts';
import { indexOf, kindOf, type TaskId } from '../../task-ids.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { continueRun } from '../../workspace/run-lifecycle.ts';
import type { Dispatch } from '../loop/effects.ts';
import type { Outputs } from '../loop/outputs.ts';
import type { Unfinished } from './unfinished-run.ts';
import { verifyFile } from './verify-file.ts';

/** Keeps the files of tasks that the journal says are committed, and the chunks. Removes all other files of attempts. */
export function keepCommitted(workspace: Workspace, { scheduler }: Unfinished, outputs: Outputs): void {
  const { map, reduce } = scheduler.state.tasks;
  const committed = map.filter(({ state }) => state === 'committed');
  continueRun(workspace, new Set(committed.map(({ index }) => workspace.mapOutput(index))));
  outputs.goOn(reduce);
}

/**
 * Reads the files and compares them with what the journal says of them. Dispatches `output-lost` for each that is missing or
 * damaged, then `outputs-verified`. The task of a lost file runs again.
 */
export async function verifyCommitted(
  workspace: Workspace,
  outputs: Outputs,
  files: readonly CommittedFile[],
  dispatch: Dispatch,
): Promise<void> {
  const isOutput = ({ task }: CommittedFile): boolean => kindOf(task) === 'reduce';
  for (const file of files.filter((one) => !isOutput(one))) {
    const message = await verifyFile(workspace.mapOutput(indexOf(file.task)), file);
    if (message !== undefined) dispatch({ type: 'output-lost', task: file.task, message });
  }
  dispatchLost(await outputs.lost(files.filter(isOutput)), dispatch);
  dispatch({ type: 'outputs-verified' });
}

/** Dispatches `output-lost` for each output that is not what was committed. */
export function dispatchLost(lost: readonly (readonly [TaskId, string])[], dispatch: Dispatch): void {
  for (const [task, message] of lost) dispatch({ type: 'output-lost', task, message });
}
