// Makes the legend of the lanes: what their colours, patterns and shades mean.

import { element } from './elements.ts';

/** Two lists: one for the outcomes of attempts, one for their phases. */
export function legends(): HTMLElement[] {
  const entry = (name: string, text: string): HTMLElement =>
    element('li', {}, element('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), text);
  const ends = element(
    'ul',
    { class: 'legend', 'aria-label': 'what the bars mean' },
    entry('map', 'map, committed'),
    entry('reduce', 'reduce, committed'),
    entry('running', 'running'),
    entry('lost', 'lost with its worker'),
    entry('failed', 'failed'),
    entry('cancelled', 'cancelled'),
    entry('backup', 'backup'),
  );
  const phases = element(
    'ul',
    { class: 'legend', 'aria-label': 'what the shades in a bar mean' },
    element('li', { class: 'shades', text: 'inside a bar:' }),
    entry('first', 'read, fetch'),
    entry('second', 'map, merge'),
    entry('third', 'sort, reduce'),
    entry('fourth', 'write'),
  );
  return [ends, phases];
}
