// The hottest keys of a run, out of what its map tasks tell: each names its own few, so the sums are at least that much.

import type { HotKey } from '../../scheduler/events.ts';
import type { RunProgress } from '../record.ts';

const MOST_SHOWN = 20;
/** More keys than this are not kept: those with little are forgotten. */
const MOST_KEPT = 4096;

export class HottestKeys {
  /** What each map task has told: another output of it takes the place of the one before. */
  readonly #told = new Map<number, readonly HotKey[]>();
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
    for (const [key, weight] of this.#told.get(map) ?? []) this.#add(key, -weight);
    for (const [key, weight] of hotKeys) this.#add(key, weight);
    this.#told.set(map, hotKeys);
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
