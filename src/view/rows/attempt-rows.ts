// Keeps the attempts of a run's record, one row per attempt, in the order in which they began. A row ends once, and stays.

import type { AttemptReport } from '../../protocol.ts';
import type { AttemptId, TaskId } from '../../task-ids.ts';
import type { AttemptProgressed, StartAttempt, WorkerId } from '../../scheduler/events.ts';
import type { AttemptError, AttemptOutcome, AttemptRow } from '../record.ts';

export class AttemptRows {
  readonly rows: AttemptRow[] = [];
  readonly #indexes = new Map<AttemptId, number>();
  readonly #open = new Set<AttemptRow>();
  readonly #changed = new Set<number>();
  /** The steps of an attempt, which its row does not have. */
  readonly #steps = new WeakMap<AttemptRow, number>();

  /** The attempts that have not ended. */
  get open(): Iterable<AttemptRow> {
    return [...this.#open];
  }

  /** The attempt that a worker runs. */
  openOn(worker: WorkerId): AttemptRow | undefined {
    for (const row of this.#open) if (row.worker === worker) return row;
    return undefined;
  }

  start({ attempt: id, task, worker, backup }: StartAttempt, wholeBytes: number | undefined, startMs: number): void {
    const row: AttemptRow = { id, task, worker, backup, wholeBytes, startMs, outcome: 'running', records: 0, bytes: 0 };
    this.#changed.add(this.rows.length);
    this.#indexes.set(id, this.rows.length);
    this.#open.add(row);
    this.rows.push(row);
  }

  /** Returns the row; undefined if the attempt is not open. */
  progress({ attempt, records, bytes, steps = 0 }: AttemptProgressed, nowMs: number): AttemptRow | undefined {
    const row = this.#openRow(attempt);
    if (row === undefined) return undefined;
    if (records !== row.records || bytes !== row.bytes || steps !== (this.#steps.get(row) ?? 0)) row.progressMs = nowMs;
    this.#steps.set(row, steps);
    row.records = records;
    row.bytes = bytes;
    return row;
  }

  /** Returns the row; undefined if the attempt is not open. */
  succeed(id: AttemptId, report: AttemptReport, nowMs: number): AttemptRow | undefined {
    const row = this.#openRow(id);
    if (row === undefined) return undefined;
    row.records = report.recordsIn;
    row.bytes = report.bytesIn;
    row.recordsOut = report.recordsOut;
    row.bytesOut = report.bytesOut;
    if (report.spills > 0) row.spills = report.spills;
    if (report.phases !== undefined) row.phases = report.phases;
    if (report.counters.length > 0) row.counters = report.counters;
    this.end(id, 'answered', nowMs);
    return row;
  }

  /** Ends an open attempt. Returns its row, even if it had ended before. */
  end(id: AttemptId, outcome: AttemptOutcome, nowMs: number, error?: AttemptError): AttemptRow | undefined {
    const row = this.#touch(id);
    if (row === undefined || !this.#open.delete(row)) return row;
    row.outcome = outcome;
    row.endMs = nowMs;
    if (error !== undefined) row.error = error;
    return row;
  }

  /** Returns the row; undefined if the attempt had not succeeded. */
  commit(id: AttemptId, nowMs: number): AttemptRow | undefined {
    const row = this.#touch(id);
    if (row?.outcome !== 'answered') return undefined;
    row.outcome = 'won';
    row.committedMs = nowMs;
    return row;
  }

  /** The file of an attempt could not be committed. Returns its row; undefined if the attempt had not succeeded. */
  notCommitted(id: AttemptId, error: AttemptError): AttemptRow | undefined {
    const row = this.#touch(id);
    if (row?.outcome !== 'answered') return undefined;
    row.outcome = 'failed';
    row.error = error;
    return row;
  }

  /** The committed file of a task is discarded. */
  discard(task: TaskId, nowMs: number): void {
    const isWinner = ({ task: other, outcome, discardedMs }: AttemptRow): boolean =>
      other === task && outcome === 'won' && discardedMs === undefined;
    const index = this.rows.findLastIndex(isWinner);
    if (index < 0) return;
    this.rows[index]!.discardedMs = nowMs;
    this.#changed.add(index);
  }

  /** Returns the rows that have changed since the last call. */
  takeChanges(): [index: number, row: AttemptRow][] {
    const changes = Array.from(this.#changed, (index): [number, AttemptRow] => [index, { ...this.rows[index]! }]);
    this.#changed.clear();
    return changes;
  }

  #openRow(id: AttemptId): AttemptRow | undefined {
    const row = this.#touch(id);
    return row !== undefined && this.#open.has(row) ? row : undefined;
  }

  #touch(id: AttemptId): AttemptRow | undefined {
    const index = this.#indexes.get(id);
    if (index === undefined) return undefined;
    this.#changed.add(index);
    return this.rows[index];
  }
}
