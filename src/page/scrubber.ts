// Replays a run that is over: the whole page shows the run as it was at the chosen time.

import { durationText } from '../view/numbers.ts';
import { element, setText } from './elements.ts';

/** The length of a replay, however long the run took. */
const PLAY_MS = 12_000;

export class Scrubber {
  readonly root: HTMLElement;
  readonly #range = element('input', { type: 'range', id: 'scrubber', 'aria-label': 'time in the run' });
  readonly #time = element('output', { for: 'scrubber' });
  readonly #button = element('button', { type: 'button', text: '▶ replay' });
  readonly #moved: () => void;
  #endMs = 0;
  #playedMs: number | undefined;

  /** `moved` is called when another time has been chosen. */
  constructor(moved: () => void) {
    this.#moved = moved;
    this.#range.addEventListener('input', () => {
      this.#stop();
      this.#move();
    });
    this.#button.addEventListener('click', () => (this.#playedMs === undefined ? this.#play() : this.#stop()));
    this.root = element('div', { class: 'panel scrubber' }, this.#button, this.#range, this.#time);
    this.root.hidden = true;
  }

  /** The chosen time; undefined while the run goes on. */
  get atMs(): number | undefined {
    return this.root.hidden ? undefined : Number(this.#range.value);
  }

  /** The run is over: offers to replay it. */
  offer(endMs: number): void {
    if (!this.root.hidden && this.#endMs === endMs) return;
    this.#endMs = endMs;
    this.#range.min = '0';
    this.#range.max = String(endMs);
    this.#range.step = 'any';
    this.#range.value = String(endMs);
    this.root.hidden = false;
    this.#move();
  }

  #move(): void {
    setText(this.#time, `${durationText(Number(this.#range.value))} of ${durationText(this.#endMs)}`);
    this.#range.setAttribute('aria-valuetext', this.#time.textContent);
    this.#moved();
  }

  #play(): void {
    if (Number(this.#range.value) >= this.#endMs) this.#range.value = '0';
    setText(this.#button, '❚❚ pause');
    this.#playedMs = performance.now();
    requestAnimationFrame((now) => this.#step(now));
  }

  #step(nowMs: number): void {
    if (this.#playedMs === undefined) return;
    const next = Number(this.#range.value) + ((nowMs - this.#playedMs) * this.#endMs) / PLAY_MS;
    this.#playedMs = nowMs;
    this.#range.value = String(Math.min(next, this.#endMs));
    this.#move();
    if (Number(this.#range.value) >= this.#endMs) this.#stop();
    else requestAnimationFrame((now) => this.#step(now));
  }

  #stop(): void {
    this.#playedMs = undefined;
    setText(this.#button, '▶ replay');
  }
}
