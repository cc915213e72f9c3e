// Checks that attempts and restarts stay within the limits of the run: no attempt begins after the last one that may fail or be
// lost, no worker is restarted more often, and the state's counts agree with the events.

import type { StartAttempt } from '../../../src/scheduler/events.ts';
import { type Checker, hold, startsIn } from './checker.ts';
import type { Ledger } from './ledger.ts';

export function bounds(ledger: Ledger): Checker {
  return {
    name: 'bounds',
    saw: ({ commands }, { state }) => {
      for (const start of startsIn(commands)) checkStart(start, ledger);
      for (const command of commands) {
        if (command.type !== 'respawn-worker') continue;
        const { worker, restart, delayMs } = command;
        const restarts = ledger.restarts.get(worker) ?? 0;
        hold(restarts <= ledger.limits.maxRespawns, () => `worker ${worker} is started again ${restarts} times`);
        hold(restarts === restart, () => `restart ${restart} of worker ${worker} is its ${restarts}th`);
        const mostMs = restart <= 1 ? 0 : Math.min(10_000, 250 * 2 ** (restart - 2));
        hold(delayMs === mostMs, () => `restart ${restart} of worker ${worker} waits ${delayMs} ms, not ${mostMs}`);
        hold(state.workers.get(worker)?.joined === false, () => `worker ${worker}, which had joined, is restarted`);
      }
    },
    settled: ({ state }) => {
      // The tasks affected by the event have an open attempt.
      for (const { task } of state.open.values()) {
        const { failures, losses, damages } = ledger.task(task.id);
        hold(task.failures === failures, () => `${task.id} has ${failures} failures, and says ${task.failures}`);
        hold(task.losses === losses, () => `${task.id} has lost ${losses} workers, and says ${task.losses}`);
        hold(task.damages === damages, () => `${task.id} was damaged ${damages} times, and says ${task.damages}`);
      }
    },
  };
}

function checkStart({ task, attempt, skip, careful }: StartAttempt, ledger: Ledger): void {
  const account = ledger.task(task);
  const { failures, losses, skipped, damages, damagesBefore } = account;
  const { maxRespawns, skipBadRecords } = ledger.limits;
  const mustBeCareful = skipBadRecords > 0 && account.hasLost && task.startsWith('map');
  hold(careful === mustBeCareful, () => `${attempt} begins ${careful ? '' : 'not '}carefully`);
  hold(failures < ledger.mostFailures(account), () => `${attempt} begins after ${failures} failures of ${task}`);
  hold(losses <= maxRespawns, () => `${attempt} begins after ${task} has lost ${losses} workers`);
  hold(
    damages <= Math.max(MOST_DAMAGES, damagesBefore),
    () => `${attempt} begins after the file of ${task} was damaged ${damages} times`,
  );
  const said = skip.map(({ slice, offset }) => `${slice}:${offset}`);
  const isRight = said.length === skipped.size && said.every((record) => skipped.has(record));
  hold(
    isRight,
    () => `${attempt} skips ${said.join()}, and the records that ended two attempts are ${[...skipped].join()}`,
  );
}

/** The number of times that the files of one task may be found damaged. */
export const MOST_DAMAGES = 4;
