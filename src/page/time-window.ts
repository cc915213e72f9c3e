// Which part of the lanes is seen: from when to when, and how times become places. Zooms around a point, and follows the
// run as long as nobody has moved it.

/** Closer than this there is nothing to see. */
const LEAST_SPAN_MS = 5;

export class TimeWindow {
  fromMs = 0;
  toMs = 1000;
  /** All of the run is seen, also as it goes on. */
  isFitted = true;
  #endMs = 1000;

  /** The run has come so far. */
  extend(endMs: number): void {
    this.#endMs = Math.max(1, endMs);
    if (this.isFitted) this.fit();
  }

  fit(): void {
    this.isFitted = true;
    this.fromMs = 0;
    this.toMs = this.#endMs * 1.01;
  }

  /** Makes the span `factor` times as long, around a time. */
  zoom(factor: number, aroundMs: number): void {
    const span = Math.min(this.#endMs * 1.01, Math.max(LEAST_SPAN_MS, (this.toMs - this.fromMs) * factor));
    const share = (aroundMs - this.fromMs) / (this.toMs - this.fromMs);
    this.#show(aroundMs - share * span, span);
  }

  /** Moves by a share of what is seen. */
  pan(share: number): void {
    const span = this.toMs - this.fromMs;
    this.#show(this.fromMs + share * span, span);
  }

  /** A round step between two marks of the axis, for marks that stand at least `leastPixels` apart. */
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
