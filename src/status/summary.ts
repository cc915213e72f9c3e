// What a run amounts to: how long each phase took, what went in and out of it, what was lost on the way.

import type { AttemptReport } from '../protocol.ts';
import type { Command, Event } from '../scheduler/events.ts';
import type { RunState, Task } from '../scheduler/state.ts';
import { bytesText, countText, plural, secondsText } from './words.ts';

export interface PhaseSummary {
  readonly durationMs: number;
  readonly tasks: number;
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly recordsOut: number;
  readonly bytesOut: number;
  readonly spills: number;
}

/** Folds the events of a run; times are milliseconds of any one clock. */
export class RunSummary {
  readonly #startMs: number;
  #chunkedMs: number;
  #mappedMs: number;
  #endMs: number;
  #lostWorkers = 0;
  #failedAttempts = 0;
  readonly counters = new Map<string, number>();
  #state: RunState | undefined;

  constructor(startMs: number) {
    this.#startMs = this.#chunkedMs = this.#mappedMs = this.#endMs = startMs;
  }

  observe(nowMs: number, event: Event, commands: readonly Command[], state: RunState): void {
    this.#state = state;
    // Once: a driver that goes on with the run looks at the chunks again, and need not map anything.
    if (event.type === 'chunks-written' && this.#chunkedMs === this.#startMs) this.#chunkedMs = this.#mappedMs = nowMs;
    if (event.type === 'worker-lost') this.#lostWorkers++;
    if (event.type === 'attempt-failed') this.#failedAttempts++;
    if (event.type === 'task-committed' && event.attempt.startsWith('map')) this.#mappedMs = nowMs;
    if (!commands.some((command) => command.type === 'end')) return;
    this.#endMs = nowMs;
    for (const { report } of [...state.tasks.map, ...state.tasks.reduce]) this.#addCounters(report);
  }

  get durationMs(): number {
    return this.#endMs - this.#startMs;
  }

  get map(): PhaseSummary {
    return phaseOf(this.#state?.tasks.map ?? [], this.#mappedMs - this.#chunkedMs);
  }

  get reduce(): PhaseSummary {
    return phaseOf(this.#state?.tasks.reduce ?? [], this.#endMs - this.#mappedMs);
  }

  /** How many bad records were left out. */
  get skippedCount(): number {
    return this.#state?.skippedCount ?? 0;
  }

  /** The summary as lines of text. */
  lines(): string[] {
    const { map, reduce } = this;
    const spilled = map.spills === 0 ? '' : `, ${plural(map.spills, 'spill')}`;
    return [
      `  chunk   ${pad(this.#chunkedMs - this.#startMs)}  ${plural(map.tasks, 'chunk')}, workers starting meanwhile`,
      `  map     ${pad(map.durationMs)}  ${plural(map.tasks, 'task')}: ${amount(map.recordsIn, 'record', map.bytesIn)} in, ` +
        `${amount(map.recordsOut, 'pair', map.bytesOut)} out${spilled}`,
      `  reduce  ${pad(reduce.durationMs)}  ${plural(reduce.tasks, 'task')}: ${amount(reduce.recordsIn, 'pair', reduce.bytesIn)} in, ` +
        `${amount(reduce.recordsOut, 'line', reduce.bytesOut)} out`,
      ...[...this.counters].map(([name, count]) => `  counter ${name}: ${countText(count)}`),
      ...this.#trouble(),
    ];
  }

  #trouble(): string[] {
    const { backups = { started: 0, won: 0 }, reused = 0, skippedCount = 0 } = this.#state ?? {};
    const lines: string[] = [];
    if (reused > 0) lines.push(`  reused: ${plural(reused, 'task')} that an earlier driver had committed`);
    if (this.#lostWorkers + this.#failedAttempts > 0) {
      lines.push(
        `  on the way: ${plural(this.#lostWorkers, 'worker')} lost, ${plural(this.#failedAttempts, 'attempt')} failed`,
      );
    }
    if (backups.started > 0)
      lines.push(`  backup attempts: ${countText(backups.started)}, first: ${countText(backups.won)}`);
    if (skippedCount > 0) lines.push(`  skipped: ${plural(skippedCount, 'bad record')}`);
    return lines;
  }

  #addCounters(report: AttemptReport | undefined): void {
    for (const [name, count] of report?.counters ?? []) {
      this.counters.set(name, (this.counters.get(name) ?? 0) + count);
    }
  }
}

function phaseOf(tasks: readonly Task[], durationMs: number): PhaseSummary {
  const total = (of: (report: AttemptReport) => number): number =>
    tasks.reduce((sum, { report }) => sum + (report === undefined ? 0 : of(report)), 0);
  return {
    durationMs,
    tasks: tasks.length,
    recordsIn: total((report) => report.recordsIn),
    bytesIn: total((report) => report.bytesIn),
    recordsOut: total((report) => report.recordsOut),
    bytesOut: total((report) => report.bytesOut),
    spills: total((report) => report.spills),
  };
}

function amount(count: number, noun: string, bytes: number): string {
  return `${plural(count, noun)} (${bytesText(bytes)})`;
}

function pad(ms: number): string {
  return secondsText(ms).padStart(8);
}
