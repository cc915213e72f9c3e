// Shows what has happened, one line per event, the newest first.

import { durationText } from '../view/numbers.ts';
import { element, keepChildren, panel, setAttribute, setText } from './elements.ts';
import type { PageView, Part } from './page-view.ts';

/** Nobody reads more than this. The journal has all events. */
const MOST_SHOWN = 300;

export class Feed implements Part {
  readonly root: HTMLElement;
  readonly #list = element('ol', {
    class: 'feed',
    tabindex: '0',
    role: 'log',
    'aria-live': 'off',
    'aria-label': 'events, the newest first',
  });

  constructor() {
    this.root = panel('events', 'Events', this.#list);
  }

  update({ record, atMs }: PageView): void {
    const lines = record.feed
      .filter((line) => line.atMs <= atMs)
      .slice(-MOST_SHOWN)
      .reverse();
    keepChildren(this.#list, lines, newLine, (item, line) => {
      setAttribute(item, 'data-tone', line.tone);
      setText(item.children[0]!, durationText(line.atMs));
      setText(item.children[1]!, line.text);
    });
  }
}

function newLine(): HTMLElement {
  return element('li', {}, element('time'), element('span'));
}
