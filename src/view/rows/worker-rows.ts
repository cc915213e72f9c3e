// Keeps the workers of a run's record, one row per worker, with the times at which each came and went.

import type { WorkerId } from '../../scheduler/events.ts';
import type { RunState, WorkerSlot } from '../../scheduler/state.ts';
import type { WorkerPresence, WorkerRow } from '../record.ts';

export class WorkerRows {
  readonly rows: WorkerRow[] = [];
  readonly #indexes = new Map<WorkerId, number>();
  readonly #changed = new Set<number>();

  /** The run begins: the driver starts its workers, or has found them listening. */
  begin(state: RunState): void {
    for (const slot of state.workers.values()) if (!slot.joined) note(this.#row(slot), 'away', 0);
  }

  /** Something has happened to a worker: takes its row from the state. */
  changed(id: WorkerId, state: RunState, nowMs: number): void {
    const slot = state.workers.get(id);
    if (slot === undefined) return;
    const row = this.#row(slot);
    row.restarts = slot.restarts;
    if (slot.host !== undefined) row.host = slot.host;
    if (slot.url !== undefined) row.url = slot.url;
    if (slot.pid !== undefined) row.pid = slot.pid;
    const presence = presenceOf(slot);
    note(row, presence, nowMs);
    if (presence === 'here') row.lastSeenMs = nowMs;
  }

  /** A worker has reported. */
  seen(id: WorkerId, nowMs: number, heapBytes?: number): void {
    const index = this.#indexes.get(id);
    if (index === undefined) return;
    const row = this.rows[index]!;
    row.lastSeenMs = nowMs;
    if (heapBytes !== undefined) row.heapBytes = heapBytes;
    this.#changed.add(index);
  }

  /** Another driver continues the run, with its own workers. Those of its predecessor are gone. */
  beginAgain(state: RunState, nowMs: number, beforeMs: number): void {
    for (const [index, row] of this.rows.entries()) {
      note(row, 'gone', beforeMs);
      this.#changed.add(index);
    }
    for (const id of state.workers.keys()) this.changed(id, state, nowMs);
  }

  /** Returns the rows that have changed since the last call. */
  takeChanges(): [index: number, row: WorkerRow][] {
    const changes = Array.from(this.#changed, (index): [number, WorkerRow] => {
      const row = this.rows[index]!;
      return [index, { ...row, presence: [...row.presence] }];
    });
    this.#changed.clear();
    return changes;
  }

  #row({ id, name, joined }: WorkerSlot): WorkerRow {
    const index = this.#indexes.get(id) ?? this.rows.length;
    if (index === this.rows.length) {
      this.#indexes.set(id, index);
      this.rows.push({ id, name, joined, restarts: 0, presence: [] });
    }
    this.#changed.add(index);
    return this.rows[index]!;
  }
}

function note(row: WorkerRow, presence: WorkerPresence, nowMs: number): void {
  if (row.presence.at(-1)?.[1] !== presence) row.presence.push([nowMs, presence]);
}

function presenceOf({ state }: WorkerSlot): WorkerPresence {
  return state === 'idle' || state === 'busy' || state === 'stopping' ? 'here' : state;
}
