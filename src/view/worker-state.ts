// What a worker does, in a word.

import type { WorkerMoment } from './moment.ts';
import type { WorkerPresence } from './record.ts';

type WorkerState = 'idle' | 'busy' | Exclude<WorkerPresence, 'here'>;

export function workerState({ presence, attempt }: WorkerMoment): WorkerState {
  if (presence !== 'here') return presence;
  return attempt === undefined ? 'idle' : 'busy';
}
