// The shuffle as a heatmap: how many bytes each map task wrote for each partition; below it what each partition got. Beside
// it the hottest keys, where they are known.

import type { Moment } from '../moment.ts';
import type { RunRecord } from '../run-record.ts';
import { bytesText, countText } from '../words.ts';
import { Canvas } from './canvas.ts';
import { colours, onScheme } from './colours.ts';
import { element, keepChildren, panel, setText } from './elements.ts';
import { hideTooltip, showTooltip } from './tooltip.ts';
import type { PageView, Part } from './view.ts';

const TOTALS_PIXELS = 46;
const GAP_PIXELS = 6;
const MOST_PARTITIONS = 5;

export class Heatmap implements Part {
  readonly root: HTMLElement;
  readonly #canvas = new Canvas((context, width, height) => this.#paint(context, width, height));
  readonly #skew = element('p', { class: 'hint' });
  readonly #largest = element('ol', { class: 'ranking' });
  readonly #keysTitle = element('h3', { text: 'Hottest keys' });
  readonly #keys = element('ol', { class: 'ranking keys' });
  #cells: readonly (readonly number[])[] = [];
  #totals: readonly number[] = [];
  #record: RunRecord | undefined;

  constructor() {
    const map = element(
      'div',
      {
        class: 'heat',
        role: 'img',
        'aria-label': 'Bytes by map task and partition; the lists beside it name the largest',
      },
      this.#canvas.element,
    );
    const lists = element(
      'div',
      {},
      element('h3', { text: 'Largest partitions' }),
      this.#largest,
      this.#keysTitle,
      this.#keys,
    );
    this.root = panel(
      'heatmap',
      'Shuffle',
      element('div', { class: 'split' }, element('div', {}, map, this.#skew), lists),
    );
    this.#canvas.element.addEventListener('pointermove', (event) => this.#pointed(event));
    this.#canvas.element.addEventListener('pointerleave', hideTooltip);
    onScheme(() => this.#canvas.paint());
  }

  update({ record, moment }: PageView): void {
    this.#record = record;
    this.#cells = cellsAt(record, moment);
    this.#totals =
      record.heat.cells[0]?.map((_, column) => this.#cells.reduce((sum, row) => sum + row[column]!, 0)) ?? [];
    setText(this.#skew, skewText(record, this.#totals));
    this.#rank(record);
    this.#canvas.paint();
  }

  #rank({ heat, run, hotKeys }: RunRecord): void {
    const most = Math.max(1, ...this.#totals);
    const largest = this.#totals
      .map((bytes, column) => ({ bytes, column }))
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, MOST_PARTITIONS)
      .filter(({ bytes }) => bytes > 0);
    keepChildren(this.#largest, largest, rankingItem, (item, { bytes, column }) => {
      fillItem(
        item,
        `partition ${rangeText(column, heat.columnCount, run.reduceCount)}`,
        bytesText(bytes),
        bytes / most,
      );
    });
    this.#keysTitle.hidden = hotKeys.length === 0;
    const heaviest = Math.max(1, ...hotKeys.map(({ weight }) => weight));
    keepChildren(this.#keys, hotKeys.slice(0, 10), rankingItem, (item, { key, weight }) => {
      fillItem(item, key, countText(Math.round(weight)), weight / heaviest);
    });
  }

  #paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { heat } = this.#record ?? {};
    if (heat === undefined || heat.rowCount === 0 || heat.columnCount === 0) return;
    const shades = colours();
    const heatHeight = height - TOTALS_PIXELS - GAP_PIXELS;
    const [cellWidth, cellHeight] = [width / heat.columnCount, heatHeight / heat.rowCount];
    const gap = Math.min(cellWidth, cellHeight) > 8 ? 1 : 0;
    const most = Math.max(1, ...this.#cells.map((row) => Math.max(...row)));
    context.fillStyle = shades.track;
    context.fillRect(0, 0, width, heatHeight);
    context.fillStyle = shades.heat;
    for (const [row, columns] of this.#cells.entries()) {
      for (const [column, bytes] of columns.entries()) {
        if (bytes <= 0) continue;
        context.globalAlpha = 0.12 + 0.88 * (bytes / most);
        context.fillRect(column * cellWidth, row * cellHeight, cellWidth - gap, cellHeight - gap);
      }
    }
    context.globalAlpha = 1;
    const mostTotal = Math.max(1, ...this.#totals);
    context.fillStyle = shades.reduce;
    for (const [column, bytes] of this.#totals.entries()) {
      const bar = (bytes / mostTotal) * TOTALS_PIXELS;
      context.fillRect(column * cellWidth, height - bar, Math.max(1, cellWidth - gap), bar);
    }
  }

  #pointed(event: PointerEvent): void {
    const { heat, run } = this.#record ?? {};
    if (heat === undefined || run === undefined) return;
    const { clientWidth, clientHeight } = this.#canvas.element;
    const column = Math.floor((event.offsetX / clientWidth) * heat.columnCount);
    const row = Math.floor((event.offsetY / (clientHeight - TOTALS_PIXELS - GAP_PIXELS)) * heat.rowCount);
    const partition = `partition ${rangeText(column, heat.columnCount, run.reduceCount)}`;
    if (row >= heat.rowCount) {
      return showTooltip(event.clientX, event.clientY, [
        partition,
        `${bytesText(Math.round(this.#totals[column] ?? 0))} of all maps`,
      ]);
    }
    const bytes = Math.round(this.#cells[row]?.[column] ?? 0);
    showTooltip(event.clientX, event.clientY, [
      `map ${rangeText(row, heat.rowCount, run.mapCount)} → ${partition}`,
      bytesText(bytes),
    ]);
  }
}

/** What was there at that time: of rows that several map tasks share, the share of those that were committed. */
function cellsAt({ heat, run }: RunRecord, { tasks }: Moment): number[][] {
  return heat.cells.map((columns, row) => {
    const first = Math.ceil((row * run.mapCount) / heat.rowCount);
    const end = Math.ceil(((row + 1) * run.mapCount) / heat.rowCount);
    const those = tasks.map.slice(first, end);
    const ever = those.filter(
      (task) => task.winner !== undefined || task.attempts.some(({ committedMs }) => committedMs !== undefined),
    );
    const now = those.filter(({ winner }) => winner !== undefined).length;
    const share = now === 0 ? 0 : now / Math.max(now, ever.length);
    return share === 1 ? columns : columns.map((bytes) => bytes * share);
  });
}

function skewText({ run, heat }: RunRecord, totals: readonly number[]): string {
  const sorted = totals.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const most = sorted.at(-1) ?? 0;
  if (most === 0) return run.reduceCount > 1000 ? 'not known for more than 1,000 partitions' : 'nothing is written yet';
  const shared = heat.rowCount < run.mapCount || heat.columnCount < run.reduceCount ? '; neighbours share a cell' : '';
  return (
    `map tasks down, partitions across; the largest partition has ${bytesText(Math.round(most))}, ` +
    `${(most / Math.max(1, median)).toFixed(2)} times the median${shared}`
  );
}

/** The tasks that a cell stands for. */
function rangeText(cell: number, cells: number, tasks: number): string {
  const first = Math.ceil((cell * tasks) / cells);
  const last = Math.ceil(((cell + 1) * tasks) / cells) - 1;
  return first >= last ? String(first) : `${first}–${last}`;
}

function rankingItem(): HTMLElement {
  return element(
    'li',
    {},
    element('span', { class: 'what' }),
    element('span', { class: 'much' }),
    element('span', { class: 'meter' }),
  );
}

function fillItem(item: HTMLElement, what: string, much: string, share: number): void {
  const [whatBox, muchBox, meter] = item.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
  setText(whatBox, what);
  setText(muchBox, much);
  meter.style.width = `${share * 100}%`;
}
