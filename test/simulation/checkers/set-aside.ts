// Checks that a worker whose machine has refused too many attempts in a row is set aside as long as another one is left; that no other
// worker is, unless its restarts are used up; and that a worker that the driver has started stays set aside.

import type { AttemptId } from '../../../src/task-ids.ts';
import type { WorkerId } from '../../../src/scheduler/events.ts';
import type { WorkerSlot } from '../../../src/scheduler/state.ts';
import { type Checker, hold, type Scene, type Seen, startsIn } from './checker.ts';
import type { Ledger } from './ledger.ts';

const MOST_REFUSALS = 4;

export function setAside(ledger: Ledger): Checker {
  const refusals = new Refusals();
  let aside: ReadonlySet<WorkerId> = new Set();
  /** The workers that had refused too many when they were set aside: a later commit of theirs changes nothing. */
  const refused = new Set<WorkerId>();
  return {
    name: 'set aside',
    saw: (seen, { state }) => {
      const refusing = refusals.saw(seen);
      const slot = refusing === undefined ? undefined : state.workers.get(refusing);
      if (slot === undefined || refusals.of(slot.id) < MOST_REFUSALS) return;
      const isLast = ![...state.workers.values()].some((other) => other !== slot && isUsable(other));
      // A busy worker is set aside after its current attempt.
      const isOut = !['idle', 'away'].includes(slot.state);
      hold(isOut || isLast || state.phase === 'ended', () => `worker ${slot.id} is ${slot.state}, and refuses all`);
    },
    settled: (scene: Scene) => {
      for (const id of aside) {
        const is = scene.state.workers.get(id)?.state;
        hold(is === 'set-aside', () => `worker ${id} was set aside, and is ${is}`);
      }
      aside = setAsideForGood(scene);
      const others = [...scene.state.workers.values()].filter(isUsable);
      for (const { id, state } of others) {
        const isBad = state === 'idle' && others.length > 1 && refusals.of(id) >= MOST_REFUSALS;
        hold(!isBad || scene.state.phase === 'ended', () => `worker ${id} is idle, although all its attempts fail`);
      }
      for (const { id, state, joined } of scene.state.workers.values()) {
        if (state !== 'set-aside') refused.delete(id);
        else if (refusals.of(id) >= MOST_REFUSALS) refused.add(id);
        if (state !== 'set-aside' || refused.has(id)) continue;
        const isUsedUp = !joined && (ledger.restarts.get(id) ?? 0) >= ledger.limits.maxRespawns;
        hold(isUsedUp, () => `worker ${id} is set aside without a cause`);
      }
    },
    resumed: () => {
      refusals.forget();
      refused.clear();
      aside = new Set();
    },
  };
}

/** Set aside for good. Workers that have joined may come back. */
function setAsideForGood({ state }: Scene): Set<WorkerId> {
  const slots = [...state.workers.values()].filter((slot) => !slot.joined && slot.state === 'set-aside');
  return new Set(slots.map(({ id }) => id));
}

function isUsable({ state }: WorkerSlot): boolean {
  return state !== 'set-aside' && state !== 'gone';
}

/** Counts the attempts in a row that each machine has refused. */
class Refusals {
  readonly #counts = new Map<WorkerId, number>();
  readonly #open = new Map<AttemptId, WorkerId>();
  /** The attempts whose file waits to be committed. */
  readonly #succeeded = new Map<AttemptId, WorkerId>();

  of(worker: WorkerId): number {
    return this.#counts.get(worker) ?? 0;
  }

  forget(): void {
    this.#counts.clear();
    this.#open.clear();
    this.#succeeded.clear();
  }

  /** @returns the worker that has just refused an attempt. */
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
    if (event.type === 'attempt-succeeded') return this.#answeredWell(event.attempt);
    const isRefusal =
      event.type === 'attempt-failed' && (event.failure.kind === 'system' || event.failure.kind === 'refused');
    if (event.type === 'attempt-failed') return this.#take(this.#open, event.attempt, isRefusal ? 'counts' : 'nothing');
    if (event.type === 'task-committed') return this.#take(this.#succeeded, event.attempt, 'is good');
    if (event.type === 'commit-failed') return this.#take(this.#succeeded, event.attempt, 'counts');
    return undefined;
  }

  #answeredWell(attempt: AttemptId): undefined {
    const worker = this.#open.get(attempt);
    this.#open.delete(attempt);
    if (worker !== undefined) this.#succeeded.set(attempt, worker);
  }

  #take(
    from: Map<AttemptId, WorkerId>,
    attempt: AttemptId,
    what: 'counts' | 'is good' | 'nothing',
  ): WorkerId | undefined {
    const worker = from.get(attempt);
    from.delete(attempt);
    if (worker === undefined || what === 'nothing') return undefined;
    if (what === 'is good') this.#counts.delete(worker);
    else this.#counts.set(worker, this.of(worker) + 1);
    return what === 'counts' ? worker : undefined;
  }
}
