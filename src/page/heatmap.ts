// Shows the shuffle as a heatmap: how many bytes each map task wrote for each partition. Below it are the totals of the partitions,
// beside it the hottest keys, if they are known.

import type { Moment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { bytesText, countText } from '../view/numbers.ts';
import { Canvas } from './canvas.ts';
import { colours, onScheme } from './colours.ts';
import { element, keepChildren, panel, setText } from './elements.ts';
import { hideTooltip, showTooltip } from './tooltip.ts';
import type { PageView, Part } from './page-view.ts';

const TOTALS_PIXELS = 46;
const GAP_PIXELS = 6;
const NUMBERS_PIXELS = 18;
/** The least distance between the numbers of rows, and of columns. */
const LEAST_ROW_PIXELS = 18;
const LEAST_COLUMN_PIXELS = 34;
const MOST_PARTITIONS = 5;

export class Heatmap implements Part {
  readonly root: HTMLElement;
  readonly #canvas = new Canvas((context, width, height) => this.#paint(context, width, height));
  readonly #skew = element('p', { class: 'hint' });
  readonly #most = element('span');
  readonly #largest = element('ol', { class: 'ranking' });
  readonly #keysTitle = element('h3', { text: 'Hottest keys' });
  readonly #keys = element('ol', { class: 'ranking keys' });
  /** If neighbours share a cell or a column: their mean, because cells may stand for different numbers of tasks. */
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
      element('div', { class: 'split' }, element('div', {}, map, this.#scale(), this.#skew), lists),
    );
    this.#canvas.element.addEventListener('pointermove', (event) => this.#pointed(event));
    this.#canvas.element.addEventListener('pointerleave', hideTooltip);
    onScheme(() => this.#canvas.paint());
  }

  #scale(): HTMLElement {
    return element('div', { class: 'scale' }, 'a cell: 0 B', element('span', { class: 'ramp' }), this.#most);
  }

  /** Where the cells begin: the numbers of the map tasks are to their left. */
  get #left(): number {
    return this.#canvas.element.clientWidth < 420 ? 34 : 58;
  }

  update({ record, moment }: PageView): void {
    this.#record = record;
    const { heat, run } = record;
    const sums = cellsAt(record, moment);
    const partitions = Array.from({ length: heat.columnCount }, (_, column) =>
      countIn(column, heat.columnCount, run.reduceCount),
    );
    this.#totals = partitions.map((count, column) => sums.reduce((sum, row) => sum + row[column]!, 0) / count);
    this.#cells = sums.map((columns, row) => {
      const maps = countIn(row, heat.rowCount, run.mapCount);
      return columns.map((bytes, column) => bytes / (maps * partitions[column]!));
    });
    setText(this.#most, bytesText(Math.round(mostOf(this.#cells))));
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
        `${bytesText(Math.round(bytes))}${heat.columnCount < run.reduceCount ? ' each' : ''}`,
        bytes / most,
      );
    });
    this.#keysTitle.hidden = hotKeys.length === 0;
    const heaviest = Math.max(1, ...hotKeys.map(({ weight }) => weight));
    keepChildren(this.#keys, hotKeys.slice(0, 10), rankingItem, (item, { key, weight }) => {
      fillItem(item, key === '' ? '(empty)' : key, countText(Math.round(weight)), weight / heaviest);
    });
  }

  #paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { heat } = this.#record ?? {};
    if (heat === undefined || heat.rowCount === 0 || heat.columnCount === 0) return;
    const left = this.#left;
    const heatHeight = height - TOTALS_PIXELS - GAP_PIXELS - NUMBERS_PIXELS;
    const [cellWidth, cellHeight] = [(width - left) / heat.columnCount, heatHeight / heat.rowCount];
    this.#paintCells(context, left, cellWidth, cellHeight);
    const shades = colours();
    const mostTotal = Math.max(1, ...this.#totals);
    context.fillStyle = shades.reduce;
    for (const [column, bytes] of this.#totals.entries()) {
      const bar = (bytes / mostTotal) * TOTALS_PIXELS;
      const barWidth = Math.max(1, cellWidth - gapOf(cellWidth));
      context.fillRect(left + column * cellWidth, height - NUMBERS_PIXELS - bar, barWidth, bar);
    }
    this.#paintNumbers(context, { left, width, height, cellWidth, cellHeight });
  }

  #paintCells(context: CanvasRenderingContext2D, left: number, cellWidth: number, cellHeight: number): void {
    const shades = colours();
    const gap = gapOf(Math.min(cellWidth, cellHeight));
    const most = Math.max(1, mostOf(this.#cells));
    context.fillStyle = shades.track;
    context.fillRect(left, 0, cellWidth * (this.#cells[0]?.length ?? 0), cellHeight * this.#cells.length);
    context.fillStyle = shades.heat;
    for (const [row, columns] of this.#cells.entries()) {
      for (const [column, bytes] of columns.entries()) {
        if (bytes <= 0) continue;
        context.globalAlpha = 0.12 + 0.88 * (bytes / most);
        context.fillRect(left + column * cellWidth, row * cellHeight, cellWidth - gap, cellHeight - gap);
      }
    }
    context.globalAlpha = 1;
  }

  /** Paints the numbers of map tasks beside the rows, and of partitions below the columns. */
  #paintNumbers(context: CanvasRenderingContext2D, grid: Grid): void {
    const { left, width, height, cellWidth, cellHeight } = grid;
    const { heat, run } = this.#record!;
    context.fillStyle = colours().muted;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    const word = left > 40 ? 'map ' : '';
    const rowStep = Math.ceil(LEAST_ROW_PIXELS / cellHeight);
    for (let row = 0; row < heat.rowCount; row += rowStep) {
      const first = firstOf(row, heat.rowCount, run.mapCount);
      context.fillText(`${word}${first}`, left - 6, Math.max(6, (row + 0.5) * cellHeight), left - 8);
    }
    context.fillText(left > 40 ? 'all' : 'Σ', left - 6, height - NUMBERS_PIXELS - TOTALS_PIXELS / 2, left - 8);
    context.textAlign = 'center';
    const columnStep = Math.ceil(LEAST_COLUMN_PIXELS / cellWidth);
    for (let column = 0; column < heat.columnCount; column += columnStep) {
      const first = firstOf(column, heat.columnCount, run.reduceCount);
      const text = cellWidth * columnStep > 80 ? `partition ${first}` : String(first);
      const x = Math.min(left + (column + 0.5) * cellWidth, width - 12);
      context.fillText(text, x, height - NUMBERS_PIXELS / 2 + 1);
    }
    context.textAlign = 'left';
  }

  #pointed(event: PointerEvent): void {
    const { heat, run } = this.#record ?? {};
    if (heat === undefined || run === undefined) return;
    const { clientWidth, clientHeight } = this.#canvas.element;
    const left = this.#left;
    if (event.offsetX < left) return hideTooltip();
    const column = Math.min(
      heat.columnCount - 1,
      Math.floor(((event.offsetX - left) / (clientWidth - left)) * heat.columnCount),
    );
    const heatHeight = clientHeight - TOTALS_PIXELS - GAP_PIXELS - NUMBERS_PIXELS;
    const row = Math.floor((event.offsetY / heatHeight) * heat.rowCount);
    const partition = `partition ${rangeText(column, heat.columnCount, run.reduceCount)}`;
    if (row >= heat.rowCount) {
      return showTooltip(event.clientX, event.clientY, [
        partition,
        `${bytesText(Math.round(this.#totals[column] ?? 0))} of all maps${heat.columnCount < run.reduceCount ? ', each' : ''}`,
      ]);
    }
    const bytes = Math.round(this.#cells[row]?.[column] ?? 0);
    showTooltip(event.clientX, event.clientY, [
      `map ${rangeText(row, heat.rowCount, run.mapCount)} → ${partition}`,
      `${bytesText(bytes)}${isShared(this.#record!) ? ' on average' : ''}`,
    ]);
  }
}

/** The layout of the heatmap in its canvas. */
interface Grid {
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

function gapOf(pixels: number): number {
  return pixels > 8 ? 1 : 0;
}

function mostOf(cells: readonly (readonly number[])[]): number {
  return cells.reduce((most, row) => Math.max(most, ...row), 0);
}

/** The cells at the time of the moment. If several map tasks share a row, the row is scaled by the share that was committed. */
function cellsAt({ heat, run }: RunRecord, { tasks }: Moment): number[][] {
  return heat.cells.map((columns, row) => {
    const first = firstOf(row, heat.rowCount, run.mapCount);
    const end = firstOf(row + 1, heat.rowCount, run.mapCount);
    const those = tasks.map.slice(first, end);
    const ever = those.filter(
      (task) => task.winner !== undefined || task.attempts.some(({ committedMs }) => committedMs !== undefined),
    );
    const now = those.filter(({ winner }) => winner !== undefined).length;
    const share = now === 0 ? 0 : now / Math.max(now, ever.length);
    return share === 1 ? columns : columns.map((bytes) => bytes * share);
  });
}

function skewText(record: RunRecord, totals: readonly number[]): string {
  const sorted = totals.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const most = sorted.at(-1) ?? 0;
  if (most === 0)
    return record.run.reduceCount > 1000 ? 'not known for more than 1,000 partitions' : 'nothing is written yet';
  const shared = isShared(record) ? '; neighbours share a cell, which shows their mean' : '';
  return (
    `one row per map task, one column per partition, sums below; the largest partition has ${bytesText(Math.round(most))}, ` +
    `${(most / Math.max(1, median)).toFixed(2)} times the median${shared}`
  );
}

function firstOf(cell: number, cells: number, tasks: number): number {
  return Math.ceil((cell * tasks) / cells);
}

/** The number of tasks that a cell stands for. */
function countIn(cell: number, cells: number, tasks: number): number {
  return firstOf(cell + 1, cells, tasks) - firstOf(cell, cells, tasks);
}

function isShared({ heat, run }: RunRecord): boolean {
  return heat.rowCount < run.mapCount || heat.columnCount < run.reduceCount;
}

/** The tasks that a cell stands for: `3`, or `3–5`. */
function rangeText(cell: number, cells: number, tasks: number): string {
  const first = firstOf(cell, cells, tasks);
  const last = firstOf(cell + 1, cells, tasks) - 1;
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
