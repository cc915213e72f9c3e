// Counts how many bytes each map task has written for each partition, in a grid that stays small: if there are more tasks than
// cells, neighbours share a cell.

import type { HeatGrid } from '../record.ts';

const MOST_CELLS = 128;

export class Heat {
  readonly grid: HeatGrid;
  readonly #mapCount: number;
  readonly #reduceCount: number;
  /** What each map task has added. The scheduler holds the same lists, so they cost nothing. */
  readonly #added = new Map<number, readonly number[]>();
  readonly #changed = new Set<number>();

  constructor(mapCount: number, reduceCount: number) {
    this.#mapCount = mapCount;
    this.#reduceCount = reduceCount;
    const rowCount = Math.min(mapCount, MOST_CELLS);
    const columnCount = Math.min(reduceCount, MOST_CELLS);
    const cells = Array.from({ length: rowCount }, () => Array.from({ length: columnCount }, () => 0));
    this.grid = { rowCount, columnCount, cells };
  }

  /** The output of a map task is committed. It replaces an earlier output. */
  commit(map: number, partitionBytes: readonly number[]): void {
    this.discard(map);
    this.#added.set(map, partitionBytes);
    this.#add(map, partitionBytes, 1);
  }

  discard(map: number): void {
    const before = this.#added.get(map);
    if (before === undefined) return;
    this.#added.delete(map);
    this.#add(map, before, -1);
  }

  /** Returns the rows that have changed since the last call. */
  takeChanges(): [row: number, cells: number[]][] {
    const changes = Array.from(this.#changed, (row): [number, number[]] => [row, [...this.grid.cells[row]!]]);
    this.#changed.clear();
    return changes;
  }

  #add(map: number, partitionBytes: readonly number[], sign: 1 | -1): void {
    const { rowCount, columnCount, cells } = this.grid;
    const row = Math.floor((map * rowCount) / this.#mapCount);
    const columns = cells[row]!;
    for (const [partition, bytes] of partitionBytes.entries()) {
      const column = Math.floor((partition * columnCount) / this.#reduceCount);
      columns[column] = (columns[column] ?? 0) + sign * bytes;
    }
    this.#changed.add(row);
  }
}
