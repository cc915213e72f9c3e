// Checks that the scheduler's view of its workers is true: each has the attempt that it was given, an idle one has no attempt and
// listens, and none is given two at once, or one while it cannot run it.

import type { WorkerSlot } from '../../../src/scheduler/state.ts';
import type { Staff } from '../world/staff.ts';
import { type Checker, hold, startsIn } from './checker.ts';

export function workersAsTheyAre(): Checker {
  return {
    name: 'workers as they are',
    saw: ({ commands, event }, { staff }) => {
      const given = new Set<number>();
      for (const { attempt, worker } of startsIn(commands)) {
        const has = staff.orders.get(worker)?.start.attempt;
        hold(has === undefined, () => `worker ${worker} is given ${attempt}, and has ${has}`);
        hold(!given.has(worker), () => `worker ${worker} is given two attempts on ${event.type}`);
        hold(staff.processes.has(worker), () => `worker ${worker} is given ${attempt}, and does not listen`);
        const isLeaving = staff.processes.get(worker)?.isLeaving === true;
        hold(!isLeaving, () => `worker ${worker} is given ${attempt}, and leaves`);
        given.add(worker);
      }
    },
    settled: ({ state, staff }) => {
      if (state.phase === 'ended') return;
      for (const slot of state.workers.values()) checkSlot(slot, staff);
    },
  };
}

function checkSlot({ id, state, attempt }: WorkerSlot, { orders, processes }: Staff): void {
  const order = orders.get(id);
  const has = order?.start.attempt;
  const isStopping = order?.isCancelled === true;
  hold(
    state === 'leaving' || isStopping === (state === 'stopping'),
    () => `worker ${id} is ${state}, and stops ${has}`,
  );
  hold(attempt === has, () => `worker ${id} is ${state} with ${attempt}, and has ${has}`);
  const listens = state === 'idle' || state === 'busy' || state === 'stopping' || state === 'leaving';
  hold(!listens || processes.has(id), () => `worker ${id} is ${state}, and does not listen`);
  hold(
    (state !== 'busy' && state !== 'stopping') || attempt !== undefined,
    () => `worker ${id} is ${state} with nothing`,
  );
  hold(state !== 'idle' || attempt === undefined, () => `worker ${id} is idle with ${attempt}`);
}
