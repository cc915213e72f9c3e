// A worker whose machine has refused so many attempts in a row is set aside, as long as another one is left; none is set
// aside that has not, and whose restarts are not used up; and one that the driver has started stays so.

import type { AttemptId } from '../../../src/protocol.ts';
import type { WorkerId } from '../../../src/scheduler/events.ts';
import type { WorkerSlot } from '../../../src/scheduler/state.ts';
import { type Checker, hold, type Scene, type Seen, startsIn } from './checker.ts';
import type { Ledger } from './ledger.ts';

const MOST_REFUSALS = 4;

export function setAside(ledger: Ledger): Checker {
  const refusals = new Refusals();
  let aside: ReadonlySet<WorkerId> = new Set();
  return {
    name: 'set aside',
    saw: (seen, { state }) => {
      const refusing = refusals.saw(seen);
      const slot = refusing === undefined ? undefined : state.workers.get(refusing);
      if (slot === undefined || refusals.of(slot.id) < MOST_REFUSALS) return;
      const isLast = ![...state.workers.values()].some((other) => other !== slot && isUsable(other));
      const isOut = slot.state === 'set-aside' || slot.state === 'leaving';
      hold(isOut || isLast || state.phase === 'ended', () => `worker ${slot.id} is ${slot.state}, and refuses all`);
    },
    settled: (scene: Scene) => {
      for (const id of aside) {
        const is = scene.state.workers.get(id)?.state;
        hold(is === 'set-aside', () => `worker ${id} was set aside, and is ${is}`);
      }
      aside = setAsideForGood(scene);
      for (const { id, state, joined } of scene.state.workers.values()) {
        if (state !== 'set-aside' || refusals.of(id) >= MOST_REFUSALS) continue;
        const isUsedUp = !joined && (ledger.restarts.get(id) ?? 0) >= ledger.limits.maxRespawns;
        hold(isUsedUp, () => `worker ${id} is set aside without a cause`);
      }
    },
    resumed: () => {
      refusals.forget();
      aside = new Set();
    },
  };
}

/** For good: those that have joined may come back. */
function setAsideForGood({ state }: Scene): Set<WorkerId> {
  const slots = [...state.workers.values()].filter((slot) => !slot.joined && slot.state === 'set-aside');
  return new Set(slots.map(({ id }) => id));
}

function isUsable({ state }: WorkerSlot): boolean {
  return state !== 'set-aside' && state !== 'gone';
}

/** How many attempts in a row each machine has refused. */
class Refusals {
  readonly #counts = new Map<WorkerId, number>();
  readonly #open = new Map<AttemptId, WorkerId>();

  of(worker: WorkerId): number {
    return this.#counts.get(worker) ?? 0;
  }

  forget(): void {
    this.#counts.clear();
    this.#open.clear();
  }

  /** @returns the worker that has refused an attempt now */
  saw({ event, commands }: Seen): WorkerId | undefined {
    const refusing = this.#answered(event);
    for (const command of commands) if (command.type === 'cancel-attempt') this.#open.delete(command.attempt);
    for (const { attempt, worker } of startsIn(commands)) this.#open.set(attempt, worker);
    return refusing;
  }

  #answered(event: Seen['event']): WorkerId | undefined {
    if (event.type === 'worker-ready') this.#counts.delete(event.worker);
    if (event.type === 'worker-lost') {
      for (const [attempt, worker] of this.#open) if (worker === event.worker) this.#open.delete(attempt);
    }
    if (event.type !== 'attempt-succeeded' && event.type !== 'attempt-failed') return undefined;
    const worker = this.#open.get(event.attempt);
    this.#open.delete(event.attempt);
    if (worker === undefined) return undefined;
    if (event.type === 'attempt-succeeded') this.#counts.delete(worker);
    else if (event.failure.kind === 'system' || event.failure.kind === 'refused') {
      this.#counts.set(worker, this.of(worker) + 1);
      return worker;
    }
    return undefined;
  }
}
