// Moves, zooms and inspects the lanes by pointer and wheel: drag to move, Ctrl and wheel or a double click to zoom, point at
// an attempt for its tooltip, click it for its task.

import type { AttemptRow } from '../view/record.ts';
import { attemptAt, labelWidth, type LanePicture, timeAt } from './lane-picture.ts';
import { tooltipLines } from './lane-tooltip.ts';
import { hideTooltip, showTooltip } from './tooltip.ts';

/** A pointer that has moved farther has dragged the lanes, and has clicked on nothing. */
const MOST_CLICK_PIXELS = 4;
const DOUBLE_CLICK_ZOOM = 1 / 2.25;
const WHEEL_ZOOM = 1.2;
const WHEEL_PAN = 0.1;

interface PointerOptions {
  /** The element that scrolls, and the canvas in it. */
  readonly scroll: HTMLElement;
  readonly canvas: HTMLElement;
  readonly picture: () => LanePicture;
  /** Called when the window of the picture has been changed. */
  readonly moved: () => void;
  /** Called with an attempt that is clicked on. */
  readonly open: (row: AttemptRow) => void;
}

export function listenForLanePointer({ scroll, canvas, picture, moved, open }: PointerOptions): void {
  let draggedPixels = 0;
  const zoom = (factor: number, x: number): void => {
    const shown = picture();
    shown.window.zoom(factor, timeAt(shown, x));
    moved();
  };
  const pan = (share: number): void => {
    picture().window.pan(share);
    moved();
  };
  const drag = (event: PointerEvent): void => {
    const shown = picture();
    draggedPixels += Math.abs(event.movementX);
    pan(-event.movementX / Math.max(1, shown.width - labelWidth(shown)));
    hideTooltip();
  };
  const point = (event: PointerEvent): void => {
    const shown = picture();
    const row = attemptAt(shown, event.offsetX, event.offsetY);
    canvas.style.cursor = row === undefined ? 'default' : 'pointer';
    if (row === undefined) hideTooltip();
    else showTooltip(event.clientX, event.clientY, tooltipLines(row, shown.atMs));
  };
  scroll.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
      event.preventDefault();
      if (event.shiftKey) pan(Math.sign(event.deltaY || event.deltaX) * WHEEL_PAN);
      else zoom(event.deltaY > 0 ? WHEEL_ZOOM : 1 / WHEEL_ZOOM, event.offsetX);
    },
    { passive: false },
  );
  canvas.addEventListener('pointermove', (event) => (event.buttons === 1 ? drag(event) : point(event)));
  canvas.addEventListener('pointerleave', hideTooltip);
  canvas.addEventListener('dblclick', (event) => zoom(DOUBLE_CLICK_ZOOM, event.offsetX));
  canvas.addEventListener('pointerdown', () => (draggedPixels = 0));
  canvas.addEventListener('click', (event) => {
    if (draggedPixels > MOST_CLICK_PIXELS) return;
    const row = attemptAt(picture(), event.offsetX, event.offsetY);
    if (row !== undefined) open(row);
  });
}
