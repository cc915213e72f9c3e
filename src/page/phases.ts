// Shows one bar per phase: how many chunks, tasks or partitions are waiting, running, committed or failed, and what went in and out.

import { type Moment, outcomeAt, type PhaseMoment, shareAt } from '../view/moment.ts';
import type { AttemptRow } from '../view/record.ts';
import { bytesText, countText, plural } from '../view/numbers.ts';
import { element, panel, setAttribute, setText } from './elements.ts';
import type { PageView, Part } from './page-view.ts';

interface Share {
  readonly kind: 'committed' | 'running' | 'failed';
  readonly share: number;
}

class Bar {
  readonly root: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #parts = new Map<Share['kind'], HTMLElement>();
  readonly #counts = element('span', { class: 'counts' });
  readonly #amounts = element('span', { class: 'amounts' });

  constructor(name: string) {
    this.#bar = element('div', {
      class: `bar ${name}`,
      role: 'progressbar',
      'aria-label': name,
      'aria-valuemin': '0',
      'aria-valuemax': '100',
    });
    for (const kind of ['committed', 'running', 'failed'] as const) {
      const part = element('span', { class: kind });
      this.#parts.set(kind, part);
      this.#bar.append(part);
    }
    const label = element('span', { class: 'name', text: name });
    this.root = element('div', { class: 'phase' }, label, this.#bar, this.#counts, this.#amounts);
  }

  update(shares: readonly Share[], counts: string, amounts: string): void {
    for (const part of this.#parts.values()) part.style.width = '0';
    for (const { kind, share } of shares) this.#parts.get(kind)!.style.width = `${share * 100}%`;
    const done = shares.find(({ kind }) => kind === 'committed')?.share ?? 0;
    setAttribute(this.#bar, 'aria-valuenow', String(Math.round(done * 100)));
    setAttribute(this.#bar, 'aria-valuetext', `${counts}; ${amounts}`);
    setText(this.#counts, counts);
    setText(this.#amounts, amounts);
  }
}

export class Phases implements Part {
  readonly root: HTMLElement;
  readonly #chunk = new Bar('chunk');
  readonly #map = new Bar('map');
  readonly #shuffle = new Bar('shuffle');
  readonly #reduce = new Bar('reduce');

  constructor() {
    const bars = [this.#chunk, this.#map, this.#shuffle, this.#reduce];
    this.root = panel('phases', 'Phases', ...bars.map(({ root }) => root));
  }

  update({ record, moment }: PageView): void {
    const { map, reduce } = moment.phases;
    const { mapCount } = record.run;
    const chunkBytes = record.chunkBytes.reduce((sum, bytes) => sum + bytes, 0);
    const chunks = chunkCounts(moment, mapCount);
    this.#chunk.update(
      sharesOf(chunks),
      countsText(chunks),
      moment.chunksWritten ? `${plural(mapCount, 'chunk')} of ${bytesText(chunkBytes)}` : 'the input is cut',
    );
    this.#map.update(sharesOf(map), countsText(map), amountsText(map, 'record', 'pair'));
    const partitions = partitionCounts(moment);
    this.#shuffle.update(
      fetchedShares(partitions, map.bytesOut === 0 ? 0 : reduce.bytesIn / map.bytesOut),
      countsText(partitions),
      `${plural(partitions.taskCount, 'partition')}: ${bytesText(map.bytesOut)} written by map tasks, ` +
        `${bytesText(Math.round(reduce.bytesIn))} fetched by reduce tasks`,
    );
    this.#reduce.update(sharesOf(reduce), countsText(reduce), amountsText(reduce, 'pair', 'line'));
  }
}

type Counts = Pick<PhaseMoment, 'taskCount' | 'waiting' | 'running' | 'committed' | 'failed'>;

/** Chunks are written together, so they all have one state. */
function chunkCounts({ chunksWritten, phase }: Moment, taskCount: number): Counts {
  const none = { taskCount, waiting: 0, running: 0, committed: 0, failed: 0 };
  if (chunksWritten) return { ...none, committed: taskCount };
  return phase === 'chunk' ? { ...none, running: taskCount } : { ...none, failed: taskCount };
}

/** A partition has been shuffled when its reduce task has read all that map tasks wrote for it. */
function partitionCounts({ phases, tasks, atMs }: Moment): Counts {
  const { taskCount, waiting, running, committed, failed } = phases.reduce;
  const hasAll = (row: AttemptRow): boolean =>
    ['running', 'answered'].includes(outcomeAt(row, atMs)) &&
    row.wholeBytes !== undefined &&
    row.bytes * shareAt(row, atMs) >= row.wholeBytes;
  const fetched = tasks.reduce.filter(({ state, attempts }) => state === 'running' && attempts.some(hasAll)).length;
  return { taskCount, waiting, running: running - fetched, committed: committed + fetched, failed };
}

function sharesOf({ committed, running, failed, taskCount }: Counts): Share[] {
  return [
    { kind: 'committed', share: committed / taskCount },
    { kind: 'running', share: running / taskCount },
    { kind: 'failed', share: failed / taskCount },
  ];
}

/** The bar of the shuffle shows the share of bytes that has been fetched. */
function fetchedShares({ taskCount, running, committed, failed }: Counts, share: number): Share[] {
  const fetched = committed === taskCount ? 1 : Math.min(1, share);
  return [
    { kind: 'committed', share: fetched },
    { kind: 'running', share: Math.min(1 - fetched, running / taskCount) },
    { kind: 'failed', share: failed / taskCount },
  ];
}

function countsText({ waiting, running, committed, failed }: Counts): string {
  return `${countText(committed)} committed · ${countText(running)} running · ${countText(waiting)} waiting · ${countText(failed)} failed`;
}

function amountsText({ recordsIn, bytesIn, recordsOut, bytesOut }: PhaseMoment, input: string, output: string): string {
  const amountIn = `${plural(Math.round(recordsIn), input)}, ${bytesText(Math.round(bytesIn))} in`;
  return `${amountIn} → ${plural(recordsOut, output)}, ${bytesText(bytesOut)} out`;
}
