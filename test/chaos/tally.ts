// Summarizes all rounds.

import { plural } from '../../src/view/numbers.ts';
import type { RoundResult } from './round.ts';

export class Tally {
  rounds = 0;
  #faults = 0;
  readonly #byKind = new Map<string, number>();
  readonly #byEnd = new Map<string, number>();

  add({ faults, ends }: RoundResult): void {
    this.rounds++;
    this.#faults += faults.length;
    for (const { name } of faults) this.#byKind.set(name, (this.#byKind.get(name) ?? 0) + 1);
    for (const end of ends) this.#byEnd.set(String(end), (this.#byEnd.get(String(end)) ?? 0) + 1);
  }

  lines(): string[] {
    const drivers = [...this.#byEnd.values()].reduce((sum, count) => sum + count, 0);
    return [
      ...this.#lineOf('faults', this.#byKind),
      ...this.#lineOf('drivers ended with', this.#byEnd),
      `${plural(this.rounds, 'round')}, ${plural(this.#faults, 'fault')}, ${plural(drivers, 'driver')}: every output was right, and nothing was left behind`,
    ];
  }

  #lineOf(what: string, counts: ReadonlyMap<string, number>): string[] {
    const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
    return sorted.length === 0 ? [] : [`${what}: ${sorted.join(', ')}`];
  }
}
