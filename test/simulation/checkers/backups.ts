// A backup attempt begins only where backups are wanted and no task of the phase waits, on another worker than the attempt
// that it is a backup of; and the run counts how many began, and how many were first.

import type { AttemptId } from '../../../src/protocol.ts';
import type { StartAttempt } from '../../../src/scheduler/events.ts';
import { type Checker, hold, type Scene, type Seen, startsIn } from './checker.ts';

export function backups(): Checker {
  let count = new BackupCount();
  return {
    name: 'backups',
    saw: (seen, scene) => {
      for (const start of startsIn(seen.commands)) if (start.backup) checkStart(start, scene);
      count.saw(seen);
      const { started, won } = scene.state.backups;
      hold(started === count.started, () => `${count.started} backups began, and the run says ${started}`);
      hold(won === count.won, () => `${count.won} backups were first, and the run says ${won}`);
    },
    resumed: (_, history) => {
      count = new BackupCount();
      for (const seen of history) count.saw(seen);
    },
  };
}

function checkStart({ attempt, worker }: StartAttempt, { state }: Scene): void {
  const { phase, limits, tasks } = state;
  hold(limits.backup, () => `${attempt} is a backup, which nobody wanted`);
  hold(phase === 'map' || phase === 'reduce', () => `${attempt} is a backup in phase ${phase}`);
  const waiting = tasks[phase].find((task) => task.state === 'waiting' && !task.lacksChunk);
  hold(waiting === undefined, () => `${attempt} is a backup where ${waiting?.id} waits`);
  const first = state.open.get(attempt)?.task.open.find(({ id }) => id !== attempt);
  hold(first?.worker !== worker, () => `${attempt} is a backup on the worker of ${first?.id}`);
  hold(first?.report === undefined, () => `${attempt} is a backup of ${first?.id}, which has answered`);
}

class BackupCount {
  started = 0;
  won = 0;
  readonly #open = new Set<AttemptId>();
  #hasEnded = false;

  saw({ event, commands }: Seen): void {
    if (event.type === 'driver-resumed') {
      this.#hasEnded = false;
      this.#open.clear();
    }
    if (this.#hasEnded) return;
    if (event.type === 'task-committed' && this.#open.delete(event.attempt)) this.won++;
    for (const { attempt, backup } of startsIn(commands)) {
      if (!backup) continue;
      this.#open.add(attempt);
      this.started++;
    }
    this.#hasEnded = commands.some(({ type }) => type === 'end');
  }
}
