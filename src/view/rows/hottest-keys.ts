// Finds the hottest keys of a run. Each map task reports only its own hottest keys, so the sums are lower bounds.

import type { HotKey } from '../../scheduler/events.ts';
import type { RunProgress } from '../record.ts';

const MOST_SHOWN = 20;
/** At most this many keys are kept; those with the least weight are forgotten. */
const MOST_KEPT = 4096;

export class HottestKeys {
  /** The keys that each map task has reported. Another output of the task replaces them. */
  readonly #reported = new Map<number, readonly HotKey[]>();
  readonly #weights = new Map<string, number>();
  #top: RunProgress['hotKeys'] | undefined;

  /** Sorted when it is asked for after a change: displays ask far more often than map tasks are committed. */
  get top(): RunProgress['hotKeys'] {
    this.#top ??= this.#sorted()
      .slice(0, MOST_SHOWN)
      .map(([key, weight]) => ({ key, weight }));
    return this.#top;
  }

  commit(map: number, hotKeys: readonly HotKey[] = []): void {
    this.#top = undefined;
    for (const [key, weight] of this.#reported.get(map) ?? []) this.#add(key, -weight);
    for (const [key, weight] of hotKeys) this.#add(key, weight);
    this.#reported.set(map, hotKeys);
    if (this.#weights.size <= MOST_KEPT) return;
    for (const [key] of this.#sorted().slice(MOST_KEPT / 2)) this.#weights.delete(key);
  }

  #add(key: string, weight: number): void {
    this.#weights.set(key, Math.max(0, (this.#weights.get(key) ?? 0) + weight));
  }

  #sorted(): [string, number][] {
    return [...this.#weights].filter(([, weight]) => weight > 0).sort(([, a], [, b]) => b - a);
  }
}
