// Stands by while another driver has a workspace, and takes over what it leaves unfinished when it dies.

import { setTimeout as delay } from 'node:timers/promises';

import { DirectoryInUse } from '../driver/lock.ts';
import { finalOutcome, newestRun } from '../driver/unfinished.ts';
import { InterruptedError } from '../errors.ts';
import type { Outcome } from '../scheduler/events.ts';
import type { Workspace } from '../workspace.ts';
import { failureOf, lockWorkspace, type PreparedJob } from './local.ts';

/** How often it looks whether the other driver is still there. */
const LOOK_MS = 250;

/**
 * Waits until no other driver has the workspace, and takes it. `onWait` hears once who has it. Undefined where the other
 * one has ended its run meanwhile, so that nothing is left.
 * @throws InterruptedError where `cancel` was first; why the other one's run failed, if it did: there are no results then
 */
export async function standBy(
  prepared: PreparedJob,
  onWait: (message: string) => void,
  cancel: AbortSignal,
): Promise<Disposable | undefined> {
  // Until the other driver has laid its own run down, what has ended there is the run before.
  const endedBefore = endedRun(prepared.workspace)?.id;
  for (let isFirst = true; !cancel.aborted; isFirst = false) {
    try {
      using taken = new DisposableStack();
      const lock = taken.use(lockWorkspace(prepared));
      const ended = isFirst ? undefined : endedRun(prepared.workspace);
      if (ended !== undefined && ended.id !== endedBefore) {
        if (ended.outcome.state === 'failed') throw failureOf(ended.outcome.cause);
        return undefined;
      }
      taken.move();
      return lock;
    } catch (error) {
      if (!(error instanceof DirectoryInUse)) throw error;
      if (isFirst) onWait(error.message.split(';', 1)[0]!);
      await delay(LOOK_MS, undefined, { signal: cancel }).catch(() => {});
    }
  }
  throw new InterruptedError(`interrupted by ${String(cancel.reason)} while standing by`);
}

/** The newest run, if it has come to its end, and what that was. */
function endedRun(workspace: Workspace): { readonly id: string; readonly outcome: Outcome } | undefined {
  const newest = newestRun(workspace);
  const outcome = newest === undefined ? undefined : finalOutcome(newest.journal.lines);
  return newest === undefined || outcome === undefined ? undefined : { id: newest.id, outcome };
}
