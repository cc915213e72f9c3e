// Shows the table of tasks, map or reduce tasks, sortable and in pages. Above it are the quantiles of committed tasks.

import { countText } from '../view/numbers.ts';
import { element, keepChildren, panel, setAttribute, setText } from './elements.ts';
import { COLUMNS, quantileLines, sortRows, type TaskRow, taskRows } from './task-rows.ts';
import type { PageView, Part } from './page-view.ts';

const PAGE_ROWS = 15;
const KINDS = ['map', 'reduce'] as const;
type Kind = (typeof KINDS)[number];

export class Tasks implements Part {
  readonly root: HTMLElement;
  readonly #tabs = new Map<Kind, HTMLElement>();
  readonly #quantiles = element('tbody');
  readonly #heads: HTMLElement[] = [];
  readonly #body = element('tbody');
  readonly #page = element('span', { 'aria-live': 'polite' });
  readonly #open: (row: TaskRow) => void;
  #kind: Kind = 'map';
  #sorted = { column: 0, isDescending: false };
  #first = 0;
  #rows: TaskRow[] = [];
  #shown: PageView | undefined;

  /** `open` is called with the row that was chosen. */
  constructor(open: (row: TaskRow) => void) {
    this.#open = open;
    const table = element(
      'table',
      { class: 'tasks' },
      element('thead', {}, element('tr', {}, ...this.#headCells())),
      this.#body,
    );
    const scroll = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'tasks' }, table);
    this.root = panel('tasks-panel', 'Tasks', this.#tabList(), quantileTable(this.#quantiles), scroll, this.#pager());
    this.#body.addEventListener('click', ({ target }) => this.#choose(target));
    this.#body.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      this.#choose(event.target);
    });
  }

  update(view: PageView): void {
    this.#shown = view;
    this.#rows = taskRows(view.record, view.moment, this.#kind);
    this.#fillQuantiles();
    sortRows(this.#rows, COLUMNS[this.#sorted.column]!, this.#sorted.isDescending);
    this.#first = Math.min(this.#first, Math.floor((this.#rows.length - 1) / PAGE_ROWS) * PAGE_ROWS);
    const rows = this.#rows.slice(this.#first, this.#first + PAGE_ROWS);
    keepChildren(this.#body, rows, newRow, (child, row) => {
      setAttribute(child, 'data-state', row.task.state);
      for (const [index, { text }] of COLUMNS.entries()) setText(child.children[index]!, text(row));
    });
    const last = Math.min(this.#rows.length, this.#first + PAGE_ROWS);
    setText(this.#page, `${countText(this.#first + 1)}–${countText(last)} of ${countText(this.#rows.length)}`);
  }

  #again(): void {
    if (this.#shown !== undefined) this.update(this.#shown);
  }

  #choose(target: EventTarget | null): void {
    const row = target instanceof Element ? target.closest('tr') : null;
    if (row === null) return;
    const chosen = this.#rows[this.#first + Array.from(this.#body.children).indexOf(row)];
    if (chosen !== undefined) this.#open(chosen);
  }

  #fillQuantiles(): void {
    keepChildren(this.#quantiles, quantileLines(this.#rows), newQuantile, (row, { name, duration, records, bytes }) => {
      for (const [index, text] of [name, duration, records, bytes].entries()) setText(row.children[index]!, text);
    });
  }

  #headCells(): HTMLElement[] {
    return COLUMNS.map(({ name, isNumber }, index) => {
      const button = element('button', { type: 'button', text: name });
      button.addEventListener('click', () => this.#sortBy(index));
      const head = element('th', { scope: 'col', class: isNumber && index > 0 ? 'number' : 'text' }, button);
      this.#heads.push(head);
      if (index === 0) head.setAttribute('aria-sort', 'ascending');
      return head;
    });
  }

  #sortBy(column: number): void {
    const isDescending =
      this.#sorted.column === column ? !this.#sorted.isDescending : COLUMNS[column]!.isNumber && column > 0;
    this.#sorted = { column, isDescending };
    this.#first = 0;
    for (const [index, head] of this.#heads.entries()) {
      if (index === column) head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    this.#again();
  }

  #tabList(): HTMLElement {
    const tabs = KINDS.map((kind) => {
      const tab = element('button', { type: 'button', role: 'tab', text: `${kind} tasks` });
      tab.addEventListener('click', () => this.#show(kind));
      tab.addEventListener('keydown', ({ key }) => {
        if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
        const other = kind === 'map' ? 'reduce' : 'map';
        this.#show(other);
        this.#tabs.get(other)!.focus();
      });
      this.#tabs.set(kind, tab);
      return tab;
    });
    this.#markTabs();
    return element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'which tasks' }, ...tabs);
  }

  #show(kind: Kind): void {
    this.#kind = kind;
    this.#first = 0;
    this.#markTabs();
    this.#again();
  }

  #markTabs(): void {
    for (const [kind, tab] of this.#tabs) {
      tab.setAttribute('aria-selected', String(kind === this.#kind));
      tab.setAttribute('tabindex', kind === this.#kind ? '0' : '-1');
    }
  }

  #pager(): HTMLElement {
    const button = (text: string, label: string, to: () => number): HTMLElement => {
      const made = element('button', { type: 'button', text, 'aria-label': label });
      made.addEventListener('click', () => {
        const last = Math.floor(Math.max(0, this.#rows.length - 1) / PAGE_ROWS) * PAGE_ROWS;
        this.#first = Math.min(last, Math.max(0, to()));
        this.#again();
      });
      return made;
    };
    return element(
      'div',
      { class: 'controls pager' },
      button('«', 'first page', () => 0),
      button('‹', 'page before', () => this.#first - PAGE_ROWS),
      this.#page,
      button('›', 'next page', () => this.#first + PAGE_ROWS),
      button('»', 'last page', () => this.#rows.length),
    );
  }
}

function newRow(): HTMLElement {
  const cells = COLUMNS.map(({ isNumber }, index) =>
    element('td', { class: isNumber && index > 0 ? 'number' : 'text' }),
  );
  return element('tr', { tabindex: '0' }, ...cells);
}

function newQuantile(): HTMLElement {
  return element('tr', {}, element('th', { scope: 'row' }), element('td'), element('td'), element('td'));
}

function quantileTable(body: HTMLElement): HTMLElement {
  const heads = ['committed', 'duration', 'records', 'bytes'].map((text) => element('th', { scope: 'col', text }));
  return element('table', { class: 'quantiles' }, element('thead', {}, element('tr', {}, ...heads)), body);
}
