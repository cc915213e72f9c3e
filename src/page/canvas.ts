// A canvas in the resolution of the screen, which is painted at most once per frame.

export class Canvas {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #paint: (context: CanvasRenderingContext2D, width: number, height: number) => void;
  #isAsked = false;

  constructor(paint: (context: CanvasRenderingContext2D, width: number, height: number) => void) {
    this.element = document.createElement('canvas');
    this.element.setAttribute('aria-hidden', 'true');
    this.#context = this.element.getContext('2d')!;
    this.#paint = paint;
    new ResizeObserver(() => this.paint()).observe(this.element);
  }

  /** Paints again with the next frame. */
  paint(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#paintNow();
    });
  }

  #paintNow(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    const scale = devicePixelRatio;
    const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.element.width !== pixelWidth || this.element.height !== pixelHeight) {
      this.element.width = pixelWidth;
      this.element.height = pixelHeight;
    }
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#paint(this.#context, width, height);
  }
}
