// Stands by while another driver uses a workspace, and takes over its unfinished run if it dies.

import { setTimeout as delay } from 'node:timers/promises';

import { DirectoryInUse } from '../driver/state/lock.ts';
import { differenceOf, finalOutcome, newestRun } from '../driver/resume/unfinished-run.ts';
import { InterruptedError, UsageError } from '../errors.ts';
import type { Outcome } from '../scheduler/events.ts';
import type { RunStarted } from '../scheduler/journal.ts';
import type { Workspace } from '../workspace/paths.ts';
import { failureOf, identityOfRun, type LocalRunOptions, lockWorkspace, type PreparedJob } from './local-run.ts';

/** The interval in which it tries to take the lock. */
const LOOK_MS = 250;

/**
 * Waits until no other driver has the workspace, and locks it. `onWait` is called once, with the holder of the lock. Returns
 * undefined if the other driver has completed its run meanwhile, so that nothing is left to do.
 * @throws InterruptedError if `cancel` is first; the failure of the other driver's run, since then there are no results;
 * UsageError if that was another run than the one that is asked for
 */
export async function standBy(
  prepared: PreparedJob,
  { maps, reduces }: Pick<LocalRunOptions, 'maps' | 'reduces'>,
  onWait: (message: string) => void,
  cancel: AbortSignal,
): Promise<Disposable | undefined> {
  // Until the other driver has begun its own run, the newest run there is the one before.
  const endedBefore = endedRun(prepared.workspace)?.id;
  for (let isFirst = true; !cancel.aborted; isFirst = false) {
    try {
      using taken = new DisposableStack();
      const lock = taken.use(lockWorkspace(prepared));
      const ended = isFirst ? undefined : endedRun(prepared.workspace);
      if (ended !== undefined && ended.id !== endedBefore) {
        const { id, outcome, started } = ended;
        const wanted = { ...identityOfRun(prepared), mapCount: maps, reduceCount: reduces };
        const difference = differenceOf(started.run, started.options, wanted);
        if (difference !== undefined) {
          throw new UsageError(
            `stood by for another run, ${id} of ${started.run.job.name}, which has ended: ${difference}; ` +
              'give the same command again to begin what it asks for',
          );
        }
        if (outcome.state === 'failed') throw failureOf(outcome.cause);
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

interface EndedRun {
  readonly id: string;
  readonly started: RunStarted;
  readonly outcome: Outcome;
}

/** The newest run and its outcome, if it has ended for good. */
function endedRun(workspace: Workspace): EndedRun | undefined {
  const newest = newestRun(workspace);
  const outcome = newest === undefined ? undefined : finalOutcome(newest.journal.lines);
  if (newest === undefined || outcome === undefined) return undefined;
  return { id: newest.id, started: newest.journal.lines[0] as RunStarted, outcome };
}
