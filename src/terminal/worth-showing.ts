// Which workers to show where there is no room for all.

import type { RunState, WorkerSlot } from '../scheduler/state.ts';
import { isSilent } from '../view/waits.ts';

/** At most `count` workers in their order: those that are not well before those that work, those before idle ones. */
export function worthShowing(
  slots: readonly WorkerSlot[],
  count: number,
  state: RunState,
  nowMs: number,
): readonly WorkerSlot[] {
  if (slots.length <= count) return slots;
  const rank = ({ attempt: id, state: now }: WorkerSlot): number => {
    const attempt = id === undefined ? undefined : state.open.get(id);
    if (attempt !== undefined) return isSilent(attempt, state, nowMs) ? 1 : 2;
    return now === 'idle' ? 3 : now === 'gone' || now === 'set-aside' ? 4 : 0;
  };
  const shown = slots.toSorted((a, b) => rank(a) - rank(b) || a.id - b.id).slice(0, count);
  return shown.sort((a, b) => a.id - b.id);
}
