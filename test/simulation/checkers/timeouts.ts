// An attempt is ended for having made no progress only where it has made none for as long as the run allows.

import type { AttemptId } from '../../../src/protocol.ts';
import { type Checker, hold, type Seen, startsIn } from './checker.ts';

interface Progress {
  readonly at: number;
  readonly records: number;
  readonly bytes: number;
}

export function timeouts(): Checker {
  const progress = new Map<AttemptId, Progress>();
  return {
    name: 'timeouts',
    saw: (seen, { state }) => {
      enter(seen, progress);
      for (const command of seen.commands) {
        if (command.type !== 'cancel-attempt' || command.reason !== 'timeout') continue;
        const idleMs = seen.at - (progress.get(command.attempt)?.at ?? 0);
        hold(idleMs >= state.limits.taskTimeoutMs, () => `${command.attempt} is ended ${idleMs} ms after its progress`);
      }
    },
    resumed: () => progress.clear(),
  };
}

function enter({ at, event, commands }: Seen, progress: Map<AttemptId, Progress>): void {
  for (const { attempt } of startsIn(commands)) progress.set(attempt, { at, records: 0, bytes: 0 });
  if (event.type !== 'attempt-progressed') return;
  const { attempt, records, bytes } = event;
  const before = progress.get(attempt);
  if (before === undefined || (before.records === records && before.bytes === bytes)) return;
  progress.set(attempt, { at, records, bytes });
}
