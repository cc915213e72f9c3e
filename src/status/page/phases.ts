// A bar a phase: how many tasks wait, run, are committed, have failed; what went in and out.

import type { PhaseMoment } from '../moment.ts';
import { bytesText, countText, plural } from '../words.ts';
import { element, panel, setAttribute, setText } from './elements.ts';
import type { PageView, Part } from './view.ts';

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
    const written = moment.chunksWritten ? mapCount : 0;
    this.#chunk.update(
      [{ kind: 'committed', share: written / mapCount }],
      `${countText(written)} of ${plural(mapCount, 'chunk')} written`,
      moment.chunksWritten ? `${bytesText(chunkBytes)} of input` : '',
    );
    this.#map.update(sharesOf(map), countsText(map), amountsText(map, 'record', 'pair'));
    this.#shuffle.update(
      [{ kind: 'committed', share: map.bytesOut === 0 ? 0 : Math.min(1, reduce.bytesIn / map.bytesOut) }],
      `${countText(map.committed)} of ${plural(mapCount, 'run')} written`,
      `${bytesText(map.bytesOut)} written, ${bytesText(Math.round(reduce.bytesIn))} fetched`,
    );
    this.#reduce.update(sharesOf(reduce), countsText(reduce), amountsText(reduce, 'pair', 'line'));
  }
}

function sharesOf({ committed, running, failed, taskCount }: PhaseMoment): Share[] {
  return [
    { kind: 'committed', share: committed / taskCount },
    { kind: 'running', share: running / taskCount },
    { kind: 'failed', share: failed / taskCount },
  ];
}

function countsText({ waiting, running, committed, failed }: PhaseMoment): string {
  return `${countText(committed)} committed · ${countText(running)} running · ${countText(waiting)} waiting · ${countText(failed)} failed`;
}

function amountsText({ recordsIn, bytesIn, recordsOut, bytesOut }: PhaseMoment, input: string, output: string): string {
  const amountIn = `${plural(Math.round(recordsIn), input)}, ${bytesText(Math.round(bytesIn))} in`;
  return `${amountIn} → ${plural(recordsOut, output)}, ${bytesText(bytesOut)} out`;
}
