// Checks that a run ends done with all outputs, failed for a cause that has really occurred, or interrupted on request.

import type { FailureCause, Outcome } from '../../../src/scheduler/events.ts';
import { MOST_DAMAGES } from './bounds.ts';
import { atEnd, type Checker, hold, type Scene, type Seen } from './checker.ts';
import type { Ledger } from './ledger.ts';

export function endWithCause(ledger: Ledger): Checker {
  let wasInterrupted = false;
  const look = atEnd((outcome, scene) => checkOutcome(outcome, scene, wasInterrupted, ledger));
  return {
    name: 'end with cause',
    saw: (seen: Seen, scene: Scene) => {
      wasInterrupted = seen.event.type === 'interrupted';
      look(seen, scene);
      const isPublishing = scene.state.closing.publication === 'begun';
      hold(
        !wasInterrupted || isPublishing || scene.state.phase === 'ended',
        () => 'the run continues, although it was asked to stop',
      );
    },
  };
}

function checkOutcome(outcome: Outcome, scene: Scene, wasInterrupted: boolean, ledger: Ledger): void {
  if (outcome.state === 'interrupted')
    return hold(wasInterrupted || scene.state.closing.stoppedBy !== undefined, () => 'the run was not interrupted');
  if (outcome.state === 'failed') return checkCause(outcome.cause, scene, ledger);
  const { files, plan } = scene;
  for (let index = 0; index < plan.options.reduceCount; index++) {
    hold(files.committed(`reduce-${index}`) !== undefined, () => `the run is done without the file of reduce-${index}`);
  }
  const said = outcome.skipped.length;
  hold(said === ledger.skippedCount, () => `${ledger.skippedCount} records are skipped, and the run reports ${said}`);
}

function checkCause(cause: FailureCause, { state }: Scene, ledger: Ledger): void {
  const account = cause.task === undefined ? undefined : ledger.task(cause.task);
  switch (cause.type) {
    case 'attempts-used-up': {
      const { failures, isHopeless } = account!;
      hold(
        isHopeless || failures >= ledger.mostFailures(account!),
        () => `${cause.task} has failed only ${failures} times`,
      );
      return hold(
        cause.attempts === failures,
        () => `${failures} attempts failed, and the cause has ${cause.attempts}`,
      );
    }
    case 'losses-used-up': {
      const { losses } = account!;
      hold(losses > ledger.limits.maxRespawns, () => `${cause.task} has lost only ${losses} workers`);
      return hold(cause.attempts === losses, () => `${losses} attempts were lost, and the cause has ${cause.attempts}`);
    }
    case 'workers-used-up':
      for (const { id, state: is } of state.workers.values()) {
        hold(is === 'set-aside' || is === 'gone', () => `no worker is left, and worker ${id} is ${is}`);
      }
      return;
    case 'too-many-bad-records': {
      const { skippedCount, limits } = ledger;
      return hold(skippedCount >= limits.skipBadRecords, () => `only ${skippedCount} records are bad`);
    }
    case 'input-changed':
      return hold(false, () => 'the scheduler reports a changed input, which only a driver can detect');
    case 'damaged-again': {
      const { damages } = account!;
      return hold(damages > MOST_DAMAGES, () => `the file of ${cause.task} was damaged only ${damages} times`);
    }
  }
}
