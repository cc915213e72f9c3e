// Measures within the page how smoothly it moves.

import type { Page } from 'playwright-core';

export interface FrameTimes {
  /** Milliseconds from frame to frame. They are longer if the machine is busy. */
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
  /** Milliseconds of processor time per frame that the page's scripts took. */
  readonly scripts: number;
}

export type Doing = 'watching' | 'zooming' | 'panning' | 'scrolling' | 'scrubbing';

/** Measures the length of frames while something is done in each of them. */
export async function frameTimes(page: Page, doing: Doing, frameCount: number): Promise<FrameTimes> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const scriptMs = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'ScriptDuration')!.value;
  };
  const beforeMs = await scriptMs();
  const took = await page.evaluate(framesWhile, { doing, frameCount });
  const scripts = rounded(((await scriptMs()) - beforeMs) / frameCount);
  await devtools.detach();
  took.sort((a, b) => a - b);
  const at = (share: number): number => rounded(took[Math.floor(share * (took.length - 1))]!);
  return { median: at(0.5), p95: at(0.95), worst: at(1), scripts };
}

/** Runs in the page: does something in each frame, and returns how long each frame took. */
async function framesWhile({ doing, frameCount }: { doing: Doing; frameCount: number }): Promise<number[]> {
  const lanes = document.querySelector<HTMLElement>('.lanes-scroll')!;
  const scrubber = document.querySelector<HTMLInputElement>('#scrubber')!;
  const press = (key: string): boolean => lanes.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const acts: Record<Doing, (step: number) => unknown> = {
    watching: () => {},
    zooming: (step) => press(step % 20 < 10 ? '+' : '-'),
    panning: (step) => press(step % 20 < 10 ? 'ArrowRight' : 'ArrowLeft'),
    scrolling: (step) => (lanes.scrollTop = (step * 40) % lanes.scrollHeight),
    scrubbing: (step) => {
      scrubber.value = String((Number(scrubber.max) * step) / frameCount);
      scrubber.dispatchEvent(new Event('input'));
    },
  };
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const took: number[] = [];
  let before = await frame();
  for (let step = 0; step < frameCount; step++) {
    acts[doing](step);
    const now = await frame();
    took.push(now - before);
    before = now;
  }
  return took;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
