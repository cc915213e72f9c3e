// Shows the run as swim-lanes: one lane per worker, one bar per attempt.

import { plural } from '../view/numbers.ts';
import type { AttemptRow } from '../view/record.ts';
import { Canvas } from './canvas.ts';
import { onScheme } from './colours.ts';
import { element, panel, setText } from './elements.ts';
import { laneButtons, listenForLaneKeys } from './lane-controls.ts';
import { LaneIndex } from './lane-index.ts';
import { legends } from './lane-legend.ts';
import { AXIS_PIXELS, laneHeight, type LanePicture } from './lane-picture.ts';
import { listenForLanePointer } from './lane-pointer.ts';
import { paintLanes } from './paint-lanes.ts';
import { TimeWindow } from './time-window.ts';
import type { PageView, Part } from './page-view.ts';

const MOST_HEIGHT = 420;
const BOTTOM_PIXELS = 4;

export class Lanes implements Part {
  readonly root: HTMLElement;
  readonly #index = new LaneIndex();
  readonly #window = new TimeWindow();
  readonly #canvas = new Canvas((context, _width, height) => paintLanes(context, this.#picture, height));
  readonly #spacer = element('div');
  readonly #scroll: HTMLElement;
  readonly #summary = element('p', { class: 'hint' });
  #atMs = 0;

  /** `open` is called with an attempt that is clicked on. */
  constructor(open: (row: AttemptRow) => void) {
    this.#scroll = element(
      'div',
      {
        class: 'lanes-scroll',
        tabindex: '0',
        role: 'group',
        'aria-label':
          'Swim-lanes: plus and minus zoom, left and right move, 0 shows all. The tasks table has the same in words.',
      },
      this.#canvas.element,
      this.#spacer,
    );
    const repaint = (): void => this.#canvas.paint();
    const buttons = laneButtons(this.#window, repaint);
    this.root = panel('lanes', 'Workers over time', buttons, this.#scroll, ...legends(), this.#summary);
    listenForLaneKeys(this.#scroll, this.#window, repaint);
    listenForLanePointer({
      scroll: this.#scroll,
      canvas: this.#canvas.element,
      picture: () => this.#picture,
      moved: repaint,
      open,
    });
    this.#scroll.addEventListener('scroll', repaint, { passive: true });
    onScheme(repaint);
  }

  update({ record, atMs }: PageView): void {
    this.#atMs = atMs;
    this.#index.update(record);
    this.#window.extend(Math.max(atMs, record.endedMs ?? 0));
    const { count } = this.#index;
    const needed = (lanes: number): number => AXIS_PIXELS + lanes * laneHeight(count) + BOTTOM_PIXELS;
    const height = Math.min(MOST_HEIGHT, needed(Math.max(1, count)));
    this.#scroll.style.height = `${height}px`;
    this.#canvas.element.style.height = `${height}px`;
    this.#spacer.style.height = `${needed(count) - height}px`;
    setText(
      this.#summary,
      `${plural(count, 'worker')}, ${plural(record.attempts.length, 'attempt')}; ` +
        'drag to move, Ctrl and wheel to zoom, click an attempt for its history',
    );
    this.#canvas.paint();
  }

  get #picture(): LanePicture {
    const width = this.#canvas.element.clientWidth;
    return { index: this.#index, window: this.#window, atMs: this.#atMs, width, scrollTop: this.#scroll.scrollTop };
  }
}
