// The swim-lanes: a lane a worker, a bar an attempt. Only what is seen is painted.

import { outcomeAt } from '../view/moment.ts';
import type { AttemptRow, RunRecord } from '../view/record.ts';
import { printable, shortened } from '../view/printable.ts';
import { bytesText, durationText, plural } from '../view/numbers.ts';
import { Canvas } from './canvas.ts';
import { colours, onScheme } from './colours.ts';
import { element, panel, setText } from './elements.ts';
import { paintBar } from './lane-bars.ts';
import { legends } from './lane-legend.ts';
import { TimeWindow } from './time-window.ts';
import { hideTooltip, showTooltip } from './tooltip.ts';
import type { PageView, Part } from './view.ts';

const AXIS_PIXELS = 22;
const MOST_HEIGHT = 420;
const ZOOM = 1.5;
const PAN = 0.2;
/** Who has moved so far has dragged, and chosen nothing. */
const MOST_CLICK_PIXELS = 4;

export class Lanes implements Part {
  readonly root: HTMLElement;
  readonly #canvas = new Canvas((context, width, height) => this.#paint(context, width, height));
  readonly #spacer = element('div');
  readonly #scroll: HTMLElement;
  readonly #summary = element('p', { class: 'hint' });
  readonly #view = new TimeWindow();
  readonly #open: (row: AttemptRow) => void;
  #record: RunRecord | undefined;
  #atMs = 0;
  /** The attempts of each lane, the oldest first, by their index: a change brings another row in the same place. */
  #lanes: { name: string; indexes: number[] }[] = [];
  #laneOf = new Map<number, number>();
  #indexed = 0;
  #draggedPixels = 0;

  /** `open` is called with an attempt that is clicked on. */
  constructor(open: (row: AttemptRow) => void) {
    this.#open = open;
    this.#scroll = element(
      'div',
      {
        class: 'lanes-scroll',
        tabindex: '0',
        role: 'group',
        'aria-label':
          'Swim-lanes: plus and minus zoom, left and right move, 0 shows all. The tasks table says the same in words.',
      },
      this.#canvas.element,
      this.#spacer,
    );
    this.root = panel('lanes', 'Workers over time', this.#controls(), this.#scroll, ...legends(), this.#summary);
    this.#listen();
    onScheme(() => this.#canvas.paint());
  }

  update({ record, atMs }: PageView): void {
    this.#record = record;
    this.#atMs = atMs;
    this.#index(record);
    this.#view.extend(Math.max(atMs, record.endedMs ?? 0));
    const height = Math.min(MOST_HEIGHT, AXIS_PIXELS + Math.max(1, this.#lanes.length) * this.#laneHeight + 4);
    this.#scroll.style.height = `${height}px`;
    this.#canvas.element.style.height = `${height}px`;
    this.#spacer.style.height = `${AXIS_PIXELS + this.#lanes.length * this.#laneHeight + 4 - height}px`;
    setText(
      this.#summary,
      `${plural(this.#lanes.length, 'worker')}, ${plural(record.attempts.length, 'attempt')}; ` +
        'drag to move, Ctrl and wheel to zoom, click an attempt for its history',
    );
    this.#canvas.paint();
  }

  get #laneHeight(): number {
    return this.#lanes.length <= 12 ? 26 : this.#lanes.length <= 40 ? 18 : 13;
  }

  get #labelWidth(): number {
    return this.#canvas.element.clientWidth < 560 ? 62 : 104;
  }

  #index(record: RunRecord): void {
    if (record.workers.length !== this.#lanes.length || record.attempts.length < this.#indexed) {
      this.#lanes = record.workers.toSorted((a, b) => a.id - b.id).map(({ name }) => ({ name, indexes: [] }));
      this.#laneOf = new Map(record.workers.toSorted((a, b) => a.id - b.id).map(({ id }, lane) => [id, lane]));
      this.#indexed = 0;
    }
    for (; this.#indexed < record.attempts.length; this.#indexed++) {
      const lane = this.#laneOf.get(record.attempts[this.#indexed]!.worker);
      if (lane !== undefined) this.#lanes[lane]!.indexes.push(this.#indexed);
    }
  }

  #paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    const left = this.#labelWidth;
    const { scrollTop } = this.#scroll;
    const shades = colours();
    this.#paintAxis(context, left, width, height);
    const first = Math.floor(scrollTop / this.#laneHeight);
    const last = Math.min(this.#lanes.length, Math.ceil((scrollTop + height) / this.#laneHeight));
    context.save();
    context.beginPath();
    context.rect(0, AXIS_PIXELS, width, height - AXIS_PIXELS);
    context.clip();
    context.font = `${Math.min(12, this.#laneHeight - 2)}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    for (let lane = first; lane < last; lane++) {
      const y = AXIS_PIXELS + lane * this.#laneHeight - scrollTop;
      context.fillStyle = shades.muted;
      context.fillText(
        printable(shortened(this.#lanes[lane]!.name, Math.floor(left / 6))),
        4,
        y + this.#laneHeight / 2,
        left - 8,
      );
      this.#paintLane(context, lane, y, left, width);
    }
    context.restore();
  }

  #paintLane(context: CanvasRenderingContext2D, lane: number, y: number, left: number, width: number): void {
    const shades = colours();
    const { fromMs, toMs } = this.#view;
    const scale = (width - left) / (toMs - fromMs);
    const height = this.#laneHeight - (this.#laneHeight > 16 ? 6 : 3);
    const top = y + (this.#laneHeight - height) / 2;
    context.fillStyle = shades.track;
    context.fillRect(left, top, width - left, height);
    context.save();
    context.beginPath();
    context.rect(left, top, width - left, height);
    context.clip();
    let paintedTo = -1;
    for (const row of this.#seenIn(lane)) {
      const x = left + (row.startMs - fromMs) * scale;
      const end = left + ((row.endMs === undefined ? this.#atMs : Math.min(row.endMs, this.#atMs)) - fromMs) * scale;
      const barWidth = Math.max(1, end - x - (end - x > 3 ? 1 : 0));
      // Bars that fall on the same pixel are one, unless something went wrong there.
      if (x + barWidth < paintedTo + 1 && (row.outcome === 'won' || row.outcome === 'running')) continue;
      paintBar(context, row, this.#atMs, { x, y: top, width: barWidth, height }, shades);
      paintedTo = x + barWidth;
    }
    context.restore();
  }

  /** The attempts of a lane that had begun, and are in sight. */
  *#seenIn(lane: number): Generator<AttemptRow> {
    const { attempts } = this.#record!;
    const { fromMs, toMs } = this.#view;
    const untilMs = Math.min(toMs, this.#atMs);
    for (const index of this.#lanes[lane]?.indexes ?? []) {
      const row = attempts[index]!;
      if (row.startMs > untilMs) return;
      if ((row.endMs ?? this.#atMs) >= fromMs) yield row;
    }
  }

  #paintAxis(context: CanvasRenderingContext2D, left: number, width: number, height: number): void {
    const { fromMs, toMs } = this.#view;
    const shades = colours();
    const scale = (width - left) / (toMs - fromMs);
    const stepMs = this.#view.stepMs(width - left, 80);
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    for (let ms = Math.ceil(Math.max(0, fromMs) / stepMs) * stepMs; ms <= toMs; ms += stepMs) {
      const x = Math.round(left + (ms - fromMs) * scale) + 0.5;
      context.strokeStyle = shades.line;
      context.beginPath();
      context.moveTo(x, AXIS_PIXELS - 4);
      context.lineTo(x, height);
      context.stroke();
      context.fillStyle = shades.muted;
      if (x < width - 36) context.fillText(axisText(ms, stepMs), x + 3, AXIS_PIXELS / 2);
    }
  }

  #controls(): HTMLElement {
    const button = (text: string, label: string, act: () => void): HTMLElement => {
      const made = element('button', { type: 'button', text, 'aria-label': label });
      made.addEventListener('click', act);
      return made;
    };
    const middle = (): number => (this.#view.fromMs + this.#view.toMs) / 2;
    return element(
      'div',
      { class: 'controls' },
      button('+', 'zoom in', () => this.#zoom(1 / ZOOM, middle())),
      button('−', 'zoom out', () => this.#zoom(ZOOM, middle())),
      button('◂', 'earlier', () => this.#pan(-PAN)),
      button('▸', 'later', () => this.#pan(PAN)),
      button('all', 'show all of the run', () => this.#fit()),
    );
  }

  #listen(): void {
    const keys: Readonly<Record<string, () => void>> = {
      '+': () => this.#zoom(1 / ZOOM, (this.#view.fromMs + this.#view.toMs) / 2),
      '-': () => this.#zoom(ZOOM, (this.#view.fromMs + this.#view.toMs) / 2),
      ArrowLeft: () => this.#pan(-PAN),
      ArrowRight: () => this.#pan(PAN),
      '0': () => this.#fit(),
    };
    this.#scroll.addEventListener('keydown', (event) => {
      const act = keys[event.key === '=' ? '+' : event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    });
    this.#scroll.addEventListener('scroll', () => this.#canvas.paint(), { passive: true });
    this.#scroll.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
        event.preventDefault();
        if (event.shiftKey) this.#pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
        else this.#zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.#timeAt(event.offsetX));
      },
      { passive: false },
    );
    const canvas = this.#canvas.element;
    canvas.addEventListener('pointermove', (event) => this.#pointed(event));
    canvas.addEventListener('pointerleave', hideTooltip);
    canvas.addEventListener('dblclick', (event) => this.#zoom(1 / (ZOOM * ZOOM), this.#timeAt(event.offsetX)));
    canvas.addEventListener('pointerdown', () => (this.#draggedPixels = 0));
    canvas.addEventListener('click', (event) => {
      if (this.#draggedPixels > MOST_CLICK_PIXELS) return;
      const row = this.#rowAt(event.offsetX, event.offsetY);
      if (row !== undefined) this.#open(row);
    });
  }

  #pointed(event: PointerEvent): void {
    if (event.buttons === 1) {
      this.#draggedPixels += Math.abs(event.movementX);
      this.#pan(-event.movementX / Math.max(1, this.#canvas.element.clientWidth - this.#labelWidth));
      return hideTooltip();
    }
    const row = this.#rowAt(event.offsetX, event.offsetY);
    this.#canvas.element.style.cursor = row === undefined ? 'default' : 'pointer';
    if (row === undefined) return hideTooltip();
    showTooltip(event.clientX, event.clientY, attemptLines(row, this.#atMs));
  }

  #rowAt(x: number, y: number): AttemptRow | undefined {
    if (y < AXIS_PIXELS || this.#record === undefined) return undefined;
    const lane = Math.floor((y - AXIS_PIXELS + this.#scroll.scrollTop) / this.#laneHeight);
    const slackMs = (2 * (this.#view.toMs - this.#view.fromMs)) / Math.max(1, this.#canvas.element.clientWidth);
    const ms = this.#timeAt(x);
    return this.#seenIn(lane)
      .filter((row) => row.startMs <= ms + slackMs && (row.endMs ?? this.#atMs) >= ms - slackMs)
      .toArray()
      .at(-1);
  }

  #timeAt(x: number): number {
    const left = this.#labelWidth;
    const share = (x - left) / Math.max(1, this.#canvas.element.clientWidth - left);
    return this.#view.fromMs + share * (this.#view.toMs - this.#view.fromMs);
  }

  #zoom(factor: number, aroundMs: number): void {
    this.#view.zoom(factor, aroundMs);
    this.#canvas.paint();
  }

  #pan(share: number): void {
    this.#view.pan(share);
    this.#canvas.paint();
  }

  #fit(): void {
    this.#view.fit();
    this.#canvas.paint();
  }
}

/** An attempt in lines of words. */
function attemptLines(row: AttemptRow, atMs: number): string[] {
  const { id, worker, backup, startMs, endMs, records, bytes, phases, error } = row;
  const outcome = outcomeAt(row, atMs);
  return [
    `${id} on worker ${worker}: ${outcome}${backup ? ', a backup' : ''}`,
    `from ${durationText(startMs)}, for ${durationText((endMs ?? atMs) - startMs)}`,
    `${plural(records, 'record')}, ${bytesText(bytes)} read`,
    ...(phases === undefined ? [] : [phases.map(([name, ms]) => `${name} ${durationText(ms)}`).join(' · ')]),
    ...(error === undefined || outcome === 'running' ? [] : [error.message.split('\n', 1)[0]!.slice(0, 200)]),
  ];
}

function axisText(ms: number, stepMs: number): string {
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  return `${(ms / 1000).toFixed(digits)} s`;
}
