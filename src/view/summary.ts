// Summarizes a run: how long each phase took, what went in and out, which task was slowest, what was lost and why.

import type { AttemptReport } from '../protocol.ts';
import type { Command, Event } from '../scheduler/events.ts';
import type { RunState, Task } from '../scheduler/state.ts';
import { type Slowest, TaskTimes } from './task-times.ts';
import { type Cause, FailureCounts } from './failure-counts.ts';
import { retryCount } from './moment.ts';
import { printable, shortened } from './printable.ts';
import { bytesText, countText, plural, secondsText } from './numbers.ts';
import { kindOf, type TaskKind } from '../task-ids.ts';

/** At most this many causes of failures have a line each; the others are counted together. */
const MOST_CAUSES = 5;
const MOST_COUNTER_LINES = 20;
const MOST_CAUSE_LENGTH = 160;

export interface PhaseSummary {
  readonly durationMs: number;
  readonly tasks: number;
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly recordsOut: number;
  readonly bytesOut: number;
  readonly spills: number;
}

/** Folds the events of a run. Times are milliseconds, by any one clock. */
export class RunSummary {
  readonly #startMs: number;
  #chunkedMs: number;
  #mappedMs: number;
  #endMs: number;
  readonly failures = new FailureCounts();
  readonly #times = new TaskTimes();
  readonly counters = new Map<string, number>();
  #state: RunState | undefined;

  constructor(startMs: number) {
    this.#startMs = this.#chunkedMs = this.#mappedMs = this.#endMs = startMs;
  }

  observe(nowMs: number, event: Event, commands: readonly Command[], state: RunState): void {
    this.#state = state;
    // Only the first time: a driver that continues the run checks the chunks again, and may have nothing to map.
    if (event.type === 'chunks-written' && this.#chunkedMs === this.#startMs) this.#chunkedMs = this.#mappedMs = nowMs;
    this.failures.observe(event, commands);
    this.#times.observe(nowMs, event, commands);
    if (event.type === 'task-committed' && kindOf(event.attempt) === 'map') this.#mappedMs = nowMs;
    if (!commands.some((command) => command.type === 'end')) return;
    this.#endMs = nowMs;
    for (const { report } of [...state.tasks.map, ...state.tasks.reduce]) this.#addCounters(report);
  }

  get durationMs(): number {
    return this.#endMs - this.#startMs;
  }

  get chunkMs(): number {
    return this.#chunkedMs - this.#startMs;
  }

  get map(): PhaseSummary {
    return phaseOf(this.#state?.tasks.map ?? [], this.#mappedMs - this.#chunkedMs);
  }

  get reduce(): PhaseSummary {
    return phaseOf(this.#state?.tasks.reduce ?? [], this.#endMs - this.#mappedMs);
  }

  slowest(kind: TaskKind): Slowest | undefined {
    return this.#times.slowest(kind);
  }

  get backups(): { readonly started: number; readonly won: number } {
    return this.#state?.backups ?? { started: 0, won: 0 };
  }

  /** How many attempts were started because an earlier attempt of their task was not committed. */
  get retries(): number {
    const tasks = this.#state === undefined ? [] : [...this.#state.tasks.map, ...this.#state.tasks.reduce];
    const attempts = tasks.reduce((sum, task) => sum + task.attempts, 0);
    return retryCount(attempts, tasks.filter((task) => task.attempts > 0).length, this.backups.started);
  }

  /** How many tasks an earlier driver had committed. */
  get reusedCount(): number {
    return this.#state?.reused ?? 0;
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
      `  chunk   ${pad(this.chunkMs)}  ${plural(map.tasks, 'chunk')}, workers starting meanwhile`,
      `  map     ${pad(map.durationMs)}  ${plural(map.tasks, 'task')}: ${amount(map.recordsIn, 'record', map.bytesIn)} in, ` +
        `${amount(map.recordsOut, 'pair', map.bytesOut)} out${spilled}`,
      `  reduce  ${pad(reduce.durationMs)}  ${plural(reduce.tasks, 'task')}: ${amount(reduce.recordsIn, 'pair', reduce.bytesIn)} in, ` +
        `${amount(reduce.recordsOut, 'line', reduce.bytesOut)} out`,
      ...this.#slowestLine(),
      ...this.#counterLines(),
      ...this.#incidentLines(),
    ];
  }

  /** The counters that the job named first: they are usually the most important. */
  #counterLines(): string[] {
    const lines = Array.from(
      this.counters,
      ([name, count]) => `  counter ${printable(name).replaceAll('\n', '\\n')}: ${countText(count)}`,
    );
    const rest = lines.length - MOST_COUNTER_LINES;
    return rest <= 0
      ? lines
      : [...lines.slice(0, MOST_COUNTER_LINES), `  … and ${plural(rest, 'more counter')}; --json has all`];
  }

  #slowestLine(): string[] {
    const texts = [this.slowest('map'), this.slowest('reduce')]
      .filter((slowest) => slowest !== undefined)
      .map(slowestText);
    return texts.length === 0 ? [] : [`  slowest ${texts.join('; ')}`];
  }

  #incidentLines(): string[] {
    const { backups, reusedCount, skippedCount, failures } = this;
    const lines: string[] = [];
    if (reusedCount > 0) lines.push(`  reused: ${plural(reusedCount, 'task')} that an earlier driver had committed`);
    if (failures.lostWorkers + failures.failedAttempts > 0) {
      lines.push(
        `  on the way: ${plural(failures.lostWorkers, 'worker')} lost, ${plural(failures.failedAttempts, 'attempt')} failed`,
        ...causeLines(failures.causes, this.retries),
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

function slowestText({ task, durationMs, medianMs }: Slowest): string {
  const times = medianMs === 0 ? '' : `, ${(durationMs / medianMs).toFixed(1)} times the median`;
  return `${task}: ${secondsText(durationMs)}${times}`;
}

function causeLines(causes: readonly Cause[], retries: number): string[] {
  const shown = causes.slice(0, MOST_CAUSES);
  const others = causes.slice(MOST_CAUSES).reduce((sum, { times }) => sum + times, 0);
  const timesText = (times: number): string => `${countText(times)} ${times === 1 ? 'time' : 'times'}`;
  return [
    ...shown.map(({ message, times }) => `    ${timesText(times)}: ${shortened(message, MOST_CAUSE_LENGTH)}`),
    ...(others === 0 ? [] : [`    ${timesText(others)}: other causes`]),
    ...(retries === 0 ? [] : [`    retries: ${countText(retries)}`]),
  ];
}

function phaseOf(tasks: readonly Task[], durationMs: number): PhaseSummary {
  const total = (of: (report: AttemptReport) => number): number =>
    tasks.reduce((sum, { report }) => sum + (report === undefined ? 0 : of(report)), 0);
  return {
    // A run may end before a phase does.
    durationMs: Math.max(0, durationMs),
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
