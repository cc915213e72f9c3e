// Shows one card per worker: its name and address, its state, what it is doing, and how much it has done.

import { processText, WORKER_STATES, workerState } from '../view/worker-text.ts';
import { shareAt, type WorkerMoment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { bytesText, durationText, plural } from '../view/numbers.ts';
import { element, keepChildren, panel, setAttribute, setText } from './elements.ts';
import type { PageView, Part } from './page-view.ts';
import { kindOf } from '../task-ids.ts';

export class Workers implements Part {
  readonly root: HTMLElement;
  readonly #cards = element('ul', { class: 'cards', tabindex: '0', 'aria-label': 'workers' });

  constructor() {
    this.root = panel('workers', 'Workers', this.#cards);
  }

  update({ record, moment, atMs, isLive }: PageView): void {
    keepChildren(this.#cards, moment.workers, newCard, (card, worker) => {
      const [name, state, where, doing, progress, facts] = card.children as unknown as HTMLElement[];
      const status = workerState(worker);
      setText(name!, worker.row.name);
      setText(state!, WORKER_STATES[status]);
      setAttribute(card, 'data-state', status);
      setText(where!, whereText(worker));
      setText(doing!, doingText(worker, atMs));
      progress!.style.width = `${progressOf(worker, atMs) * 100}%`;
      setText(facts!, factsText(record, worker, atMs, isLive));
    });
  }
}

function newCard(): HTMLElement {
  return element(
    'li',
    { class: 'card' },
    element('strong'),
    element('span', { class: 'badge' }),
    element('div', { class: 'where' }),
    element('div', { class: 'doing' }),
    element('div', { class: 'meter' }),
    element('div', { class: 'facts' }),
  );
}

function whereText(worker: WorkerMoment): string {
  const { url = 'no address yet', joined, host } = worker.row;
  const from = joined && host !== undefined ? `joined from ${host}` : '';
  return [url, processText(worker), from].filter((text) => text !== '').join(' · ');
}

function doingText(worker: WorkerMoment, atMs: number): string {
  const { attempt } = worker;
  if (attempt === undefined) return '–';
  const { id, backup, startMs, records, wholeBytes = 0 } = attempt;
  const share = wholeBytes === 0 ? '' : `, ${Math.floor(progressOf(worker, atMs) * 100)} %`;
  const noun = kindOf(id) === 'map' ? 'record' : 'pair';
  return `${id}${backup ? ' (backup)' : ''} for ${durationText(atMs - startMs)}${share}, ${plural(Math.round(records * shareAt(attempt, atMs)), noun)} read`;
}

/** The share of its bytes that an attempt has read. */
function progressOf({ attempt }: WorkerMoment, atMs: number): number {
  const { wholeBytes = 0 } = attempt ?? {};
  return attempt === undefined || wholeBytes === 0
    ? 0
    : Math.min(1, (attempt.bytes * shareAt(attempt, atMs)) / wholeBytes);
}

function factsText(record: RunRecord, { row, tasksDone }: WorkerMoment, atMs: number, isLive: boolean): string {
  const { heapBytes: limit } = record.allowed;
  const heap =
    row.heapBytes === undefined
      ? 'heap –'
      : `heap ${bytesText(row.heapBytes)}${limit === undefined ? '' : ` of ${bytesText(limit)}`}`;
  const seen =
    row.lastSeenMs === undefined
      ? 'not seen yet'
      : isLive
        ? `seen ${durationText(Math.max(0, atMs - row.lastSeenMs))} ago`
        : `last seen at ${durationText(row.lastSeenMs)}`;
  return `${plural(tasksDone, 'task')} done · ${plural(row.restarts, 'restart')} · ${heap} · ${seen}`;
}
