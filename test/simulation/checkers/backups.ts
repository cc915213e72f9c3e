// Checks that a backup attempt begins only if backups are allowed and no task of the phase waits, on another worker than the first
// attempt, and after the first attempt has taken far longer than others did. Also checks the run's counts of backups that began, and
// that were first.

import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { StartAttempt } from '../../../src/scheduler/events.ts';
import { type Checker, hold, type Scene, type Seen, startsIn } from './checker.ts';

/** An attempt is not slow before it has run this long, and this many times as long as others took. */
const LEAST_MS = 2000;
const SLOW = 1.5;

export function backups(): Checker {
  let count = new BackupCount();
  let times = new AttemptTimes();
  return {
    name: 'backups',
    saw: (seen, scene) => {
      times.saw(seen);
      for (const start of startsIn(seen.commands)) {
        if (!start.backup) continue;
        checkStart(start, scene);
        checkSlow(start, scene, times);
      }
      count.saw(seen);
      const { started, won } = scene.state.backups;
      hold(started === count.started, () => `${count.started} backups began, and the run says ${started}`);
      hold(won === count.won, () => `${count.won} backups were first, and the run says ${won}`);
    },
    resumed: (_, history) => {
      count = new BackupCount();
      times = new AttemptTimes();
      for (const seen of history) {
        times.saw(seen);
        count.saw(seen);
      }
    },
  };
}

function checkStart({ attempt, worker }: StartAttempt, { state }: Scene): void {
  const { phase, limits, tasks } = state;
  hold(limits.backup, () => `${attempt} is a backup, although backups are not allowed`);
  hold(phase === 'map' || phase === 'reduce', () => `${attempt} is a backup in phase ${phase}`);
  const waiting = tasks[phase].find((task) => task.state === 'waiting' && !task.lacksChunk);
  hold(waiting === undefined, () => `${attempt} is a backup, although ${waiting?.id} waits`);
  const first = state.open.get(attempt)?.task.open.find(({ id }) => id !== attempt);
  hold(first?.worker !== worker, () => `${attempt} is a backup on the worker of ${first?.id}`);
  hold(first?.report === undefined, () => `${attempt} is a backup of ${first?.id}, which has answered`);
}

function checkSlow({ attempt, task }: StartAttempt, { state }: Scene, times: AttemptTimes): void {
  const first = state.open.get(attempt)?.task.open.find(({ id }) => id !== attempt);
  if (first === undefined) return;
  const ms = times.sinceStart(first.id);
  const meanMs = times.meanMs(task);
  hold(ms >= LEAST_MS, () => `${attempt} begins ${ms} ms after ${first.id}`);
  hold(meanMs !== undefined, () => `${attempt} begins before the duration of any attempt is known`);
  hold(ms >= SLOW * meanMs, () => `${attempt} begins ${ms} ms after ${first.id}, and others took ${meanMs} ms`);
}

/** Measures how long attempts run, and how long committed ones took, without the time in which a driver was absent. */
class AttemptTimes {
  #nowMs = 0;
  #absentMs = 0;
  #hasEnded = false;
  readonly #starts = new Map<AttemptId, { readonly ms: number; readonly absentMs: number }>();
  readonly #took = { map: { count: 0, ms: 0 }, reduce: { count: 0, ms: 0 } };

  saw({ at, event, commands }: Seen): void {
    if (event.type === 'driver-resumed') {
      this.#hasEnded = false;
      this.#starts.clear();
    }
    if (this.#hasEnded) return;
    this.#hasEnded = commands.some(({ type }) => type === 'end');
    if (event.type === 'driver-absent') this.#absentMs += event.ms;
    this.#nowMs = at - this.#absentMs;
    for (const { attempt } of startsIn(commands)) {
      this.#starts.set(attempt, { ms: this.#nowMs, absentMs: this.#absentMs });
    }
    if (event.type !== 'task-committed') return;
    const start = this.#starts.get(event.attempt);
    this.#starts.delete(event.attempt);
    if (start === undefined || start.absentMs !== this.#absentMs) return;
    const took = this.#took[event.attempt.startsWith('map') ? 'map' : 'reduce'];
    took.count++;
    took.ms += this.#nowMs - start.ms;
  }

  sinceStart(attempt: AttemptId): number {
    return this.#nowMs - (this.#starts.get(attempt)?.ms ?? this.#nowMs);
  }

  /** Returns the average time of the committed attempts of the same phase; undefined if there is no such attempt. */
  meanMs(task: TaskId): number | undefined {
    const { count, ms } = this.#took[task.startsWith('map') ? 'map' : 'reduce'];
    return count === 0 ? undefined : ms / count;
  }
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
