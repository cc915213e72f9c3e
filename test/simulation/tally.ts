// Summarizes many simulated runs: how they ended, and what went wrong on the way.

import { faultNames } from './faults.ts';
import type { Result } from './simulation.ts';

export class Tally {
  seedCount = 0;
  readonly failed: Result[] = [];
  #eventCount = 0;
  #driverCount = 0;
  #simulatedMs = 0;
  #mostTasks = 0;
  #mostWorkers = 0;
  readonly #outcomes = new Map<string, number>();
  readonly #faults = new Map<string, number>(faultNames.map((name) => [name, 0]));

  add(result: Result): void {
    this.seedCount++;
    this.#eventCount += result.eventCount;
    this.#driverCount += result.driverCount;
    this.#simulatedMs += result.simulatedMs;
    this.#mostTasks = Math.max(this.#mostTasks, result.taskCount);
    this.#mostWorkers = Math.max(this.#mostWorkers, result.workerCount);
    if (result.violation === undefined) count(this.#outcomes, outcomeText(result), 1);
    else this.failed.push(result);
    for (const [fault, times] of result.faults) count(this.#faults, fault, times);
  }

  /** Returns the summary in plain lines. */
  lines(durationMs: number): string[] {
    const hours = Math.round(this.#simulatedMs / 3_600_000);
    return [
      `${this.seedCount} seeds, ${this.#eventCount} events in ${Math.round(durationMs / 1000)} s: ${hours} simulated hours, ` +
        `up to ${this.#mostTasks} tasks and ${this.#mostWorkers} workers, ${this.#driverCount} drivers`,
      `ended: ${listText(this.#outcomes)}${this.failed.length > 0 ? `, with a bug ${this.failed.length}` : ''}`,
      `went wrong: ${listText(this.#faults)}`,
    ];
  }
}

export function failureText({ seed, violation }: Result): string {
  const { checker, sentence } = violation!;
  return `seed ${seed} failed: ${checker}: ${sentence}; repeat with: npm run simulate -- --seed ${seed}`;
}

export function outcomeText({ outcome }: Result): string {
  return outcome?.state === 'failed' ? `failed with ${outcome.cause.type}` : String(outcome?.state);
}

function count(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

/** Returns a text such as `done 1200, interrupted 3`. */
function listText(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}
