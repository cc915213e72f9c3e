// Moves and zooms the lanes by buttons and by keys.

import { element } from './elements.ts';
import type { TimeWindow } from './time-window.ts';

const ZOOM = 1.5;
const PAN = 0.2;

interface Action {
  readonly key: string;
  readonly text: string;
  readonly label: string;
  readonly act: (window: TimeWindow) => void;
}

const ACTIONS: readonly Action[] = [
  { key: '+', text: '+', label: 'zoom in', act: (window) => window.zoom(1 / ZOOM, window.middleMs) },
  { key: '-', text: '−', label: 'zoom out', act: (window) => window.zoom(ZOOM, window.middleMs) },
  { key: 'ArrowLeft', text: '◂', label: 'earlier', act: (window) => window.pan(-PAN) },
  { key: 'ArrowRight', text: '▸', label: 'later', act: (window) => window.pan(PAN) },
  { key: '0', text: 'all', label: 'show all of the run', act: (window) => window.fit() },
];

/** The buttons. `moved` is called when one has changed the window. */
export function laneButtons(window: TimeWindow, moved: () => void): HTMLElement {
  const buttons = ACTIONS.map(({ text, label, act }) => {
    const button = element('button', { type: 'button', text, 'aria-label': label });
    button.addEventListener('click', () => {
      act(window);
      moved();
    });
    return button;
  });
  return element('div', { class: 'controls' }, ...buttons);
}

/** Listens for the keys on an element. `moved` is called when one has changed the window. */
export function listenForLaneKeys(target: HTMLElement, window: TimeWindow, moved: () => void): void {
  target.addEventListener('keydown', (event) => {
    // On many keyboards plus is typed with Shift.
    const key = event.key === '=' ? '+' : event.key;
    const action = ACTIONS.find((other) => other.key === key);
    if (action === undefined) return;
    event.preventDefault();
    action.act(window);
    moved();
  });
}
