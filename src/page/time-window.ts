// The part of a run that the lanes show: a span of time, which can be moved and zoomed. It follows the run until somebody
// moves it.

/** A shorter span shows nothing more. */
const LEAST_SPAN_MS = 5;

export class TimeWindow {
  fromMs = 0;
  toMs = 1000;
  /** Whether the whole run is shown, and goes on being shown as it grows. */
  isFitted = true;
  #endMs = 1000;

  /** The run has lasted this long. */
  extend(endMs: number): void {
    this.#endMs = Math.max(1, endMs);
    if (this.isFitted) this.fit();
  }

  fit(): void {
    this.isFitted = true;
    this.fromMs = 0;
    this.toMs = this.#endMs * 1.01;
  }

  get middleMs(): number {
    return (this.fromMs + this.toMs) / 2;
  }

  /** Makes the span `factor` times as long. `aroundMs` keeps its place. */
  zoom(factor: number, aroundMs: number): void {
    const span = Math.min(this.#endMs * 1.01, Math.max(LEAST_SPAN_MS, (this.toMs - this.fromMs) * factor));
    const share = (aroundMs - this.fromMs) / (this.toMs - this.fromMs);
    this.#show(aroundMs - share * span, span);
  }

  /** Moves by a share of the span. */
  pan(share: number): void {
    const span = this.toMs - this.fromMs;
    this.#show(this.fromMs + share * span, span);
  }

  /** A round step between the marks of an axis of this width, so that marks are at least `leastPixels` apart. */
  stepMs(width: number, leastPixels: number): number {
    const least = ((this.toMs - this.fromMs) * leastPixels) / Math.max(1, width);
    const power = 10 ** Math.floor(Math.log10(least));
    return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  }

  #show(fromMs: number, span: number): void {
    this.isFitted = span >= this.#endMs;
    if (this.isFitted) return this.fit();
    this.fromMs = Math.min(Math.max(-0.02 * span, fromMs), Math.max(0, this.#endMs * 1.01 - span));
    this.toMs = this.fromMs + span;
  }
}
