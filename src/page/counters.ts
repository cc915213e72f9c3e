// Shows the job's own counters, and those that every job has, over committed tasks.

import { countersOf, type Moment } from '../view/moment.ts';
import { countText } from '../view/numbers.ts';
import { element, keepChildren, panel, setText } from './elements.ts';
import type { PageView, Part } from './page-view.ts';

export class Counters implements Part {
  readonly root: HTMLElement;
  readonly #body = element('tbody');

  constructor() {
    const heads = ['counter', 'map', 'reduce', 'total'].map((text, index) =>
      element('th', { scope: 'col', text, class: index === 0 ? 'text' : 'number' }),
    );
    const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), this.#body);
    this.root = panel(
      'counters',
      'Counters',
      element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'counters' }, table),
    );
  }

  update({ moment }: PageView): void {
    keepChildren(this.#body, linesOf(moment), newLine, (row, texts) => {
      for (const [index, text] of texts.entries()) setText(row.children[index]!, text);
    });
  }
}

function linesOf(moment: Moment): string[][] {
  const { map, reduce } = moment.phases;
  const spills = (kind: 'map' | 'reduce'): number =>
    moment.tasks[kind].reduce((sum, { winner }) => sum + (winner?.spills ?? 0), 0);
  const own = Array.from(countersOf(moment), ([name, { map: ofMap, reduce: ofReduce }]): [string, number, number] => [
    name,
    ofMap,
    ofReduce,
  ]);
  const engine: [string, number, number][] = [
    ['records in', map.recordsIn, reduce.recordsIn],
    ['bytes in', map.bytesIn, reduce.bytesIn],
    ['records out', map.recordsOut, reduce.recordsOut],
    ['bytes out', map.bytesOut, reduce.bytesOut],
    ['spills', spills('map'), spills('reduce')],
  ];
  return [
    ...own.map(([name, ofMap, ofReduce]) => [name, countText(ofMap), countText(ofReduce), countText(ofMap + ofReduce)]),
    ...engine.map(([name, ofMap, ofReduce]) => [
      name,
      countText(Math.round(ofMap)),
      countText(Math.round(ofReduce)),
      '',
    ]),
  ];
}

function newLine(): HTMLElement {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }),
    element('td', { class: 'number' }),
    element('td', { class: 'number' }),
    element('td', { class: 'number' }),
  );
}
