// Sorts the attempts of a run into lanes, one per worker.

import type { AttemptRow, RunRecord } from '../view/record.ts';

interface Lane {
  readonly name: string;
  /** The attempts of the worker, the oldest first, as indexes into the record: a change replaces the row at an index. */
  readonly indexes: number[];
}

export class LaneIndex {
  #record: RunRecord | undefined;
  #lanes: readonly Lane[] = [];
  #laneOf = new Map<number, number>();
  #indexed = 0;

  get count(): number {
    return this.#lanes.length;
  }

  nameOf(lane: number): string {
    return this.#lanes[lane]?.name ?? '';
  }

  /** Adds the attempts that are new in the record. */
  update(record: RunRecord): void {
    this.#record = record;
    if (record.workers.length !== this.#lanes.length || record.attempts.length < this.#indexed) this.#restart(record);
    for (; this.#indexed < record.attempts.length; this.#indexed++) {
      const lane = this.#laneOf.get(record.attempts[this.#indexed]!.worker);
      if (lane !== undefined) this.#lanes[lane]!.indexes.push(this.#indexed);
    }
  }

  /** The attempts of a lane that ran between two times, as the run stood at `atMs`. */
  *attemptsIn(lane: number, fromMs: number, toMs: number, atMs: number): Generator<AttemptRow> {
    const untilMs = Math.min(toMs, atMs);
    for (const index of this.#lanes[lane]?.indexes ?? []) {
      const row = this.#record!.attempts[index]!;
      if (row.startMs > untilMs) return;
      if ((row.endMs ?? atMs) >= fromMs) yield row;
    }
  }

  #restart({ workers }: RunRecord): void {
    const sorted = workers.toSorted((a, b) => a.id - b.id);
    this.#lanes = sorted.map(({ name }) => ({ name, indexes: [] }));
    this.#laneOf = new Map(sorted.map(({ id }, lane) => [id, lane]));
    this.#indexed = 0;
  }
}
