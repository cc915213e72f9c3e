// Checks that an attempt is cancelled for lack of progress only if it has made none for the allowed time, during which both its worker
// and the driver ran.

import type { AttemptId } from '../../../src/task-ids.ts';
import type { WorkerProcess } from '../world/worker-process.ts';
import { type Checker, hold, type Scene, type Seen, startsIn } from './checker.ts';

/** The state of an attempt when its last progress was reported. */
interface Progress {
  readonly at: number;
  readonly records: number;
  readonly bytes: number;
  readonly steps: number;
  readonly pauses: Scene['pauses'];
  readonly process: WorkerProcess | undefined;
  readonly freezes: WorkerProcess['freezes'] | undefined;
  /** The number of reports since then that arrived although its worker was frozen: messages come late. */
  lateCount: number;
}

/** The time that a driver counts as its own of each pause, and of each silence of a worker. */
const MOST_OF_PAUSE_MS = 250;
const MOST_OF_SILENCE_MS = 1000;

export function timeouts(): Checker {
  const progress = new Map<AttemptId, Progress>();
  return {
    name: 'timeouts',
    saw: (seen, scene) => {
      enter(seen, scene, progress);
      for (const command of seen.commands) {
        if (command.type !== 'cancel-attempt' || command.reason !== 'timeout') continue;
        const last = progress.get(command.attempt);
        if (last !== undefined) checkTimeout(command.attempt, last, scene);
      }
    },
    resumed: () => progress.clear(),
  };
}

function checkTimeout(attempt: AttemptId, last: Progress, { nowMs, state, pauses }: Scene): void {
  const { taskTimeoutMs } = state.limits;
  const idleMs = nowMs - last.at;
  const pauseCount = pauses.count - last.pauses.count;
  const hereMs = idleMs - (pauses.ms - last.pauses.ms);
  hold(taskTimeoutMs > 0, () => `${attempt} is cancelled for its progress, although there is no limit`);
  hold(
    hereMs >= taskTimeoutMs - pauseCount * MOST_OF_PAUSE_MS,
    () => `${attempt} is cancelled for a pause of the driver`,
  );
  if (pauseCount > 0 || last.process === undefined || last.freezes === undefined) return;
  const { isFrozen, freezes } = last.process;
  const frozenCount = freezes.count - last.freezes.count + (isFrozen ? 1 : 0) + last.lateCount;
  const awakeMs = idleMs - (freezes.ms - last.freezes.ms);
  const mostMs = awakeMs + frozenCount * MOST_OF_SILENCE_MS;
  hold(mostMs >= taskTimeoutMs, () => `${attempt} is cancelled while its worker was frozen`);
}

function enter({ event, commands }: Seen, scene: Scene, progress: Map<AttemptId, Progress>): void {
  const { staff, pauses, nowMs: at } = scene;
  for (const { attempt, worker } of startsIn(commands)) {
    const process = staff.processes.get(worker);
    const isHow = { at, pauses, process, freezes: process?.freezes, lateCount: 0 };
    progress.set(attempt, { ...isHow, records: 0, bytes: 0, steps: 0 });
  }
  if (event.type !== 'attempt-progressed') return;
  const { attempt, records, bytes, steps = 0 } = event;
  const before = progress.get(attempt);
  if (before === undefined) return;
  const { process } = before;
  if (before.records === records && before.bytes === bytes && before.steps === steps) {
    if (process?.isFrozen === true) before.lateCount++;
    return;
  }
  progress.set(attempt, { at, records, bytes, steps, pauses, process, freezes: process?.freezes, lateCount: 0 });
}
