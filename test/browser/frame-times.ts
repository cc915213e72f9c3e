// How smoothly the page moves, measured in it.

/** In the page: zooms, scrolls and scrubs, a step a frame, and says how long the frames took. */
export async function frameTimes(): Promise<Record<string, { median: number; p95: number; worst: number }>> {
  const lanes = document.querySelector<HTMLElement>('.lanes-scroll')!;
  const scrubber = document.querySelector<HTMLInputElement>('#scrubber')!;
  const press = (key: string): boolean => lanes.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const steps: Record<string, (step: number) => void> = {
    zooming: (step) => press(step % 20 < 10 ? '+' : '-'),
    panning: (step) => press(step % 20 < 10 ? 'ArrowRight' : 'ArrowLeft'),
    scrolling: (step) => (lanes.scrollTop = (step * 40) % lanes.scrollHeight),
    scrubbing: (step) => {
      scrubber.value = String((Number(scrubber.max) * step) / 60);
      scrubber.dispatchEvent(new Event('input'));
    },
  };
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const times: Record<string, { median: number; p95: number; worst: number }> = {};
  for (const [name, act] of Object.entries(steps)) {
    const took: number[] = [];
    let before = await frame();
    for (let step = 0; step < 60; step++) {
      act(step);
      const now = await frame();
      took.push(now - before);
      before = now;
    }
    took.sort((a, b) => a - b);
    const at = (share: number): number => Math.round(took[Math.floor(share * (took.length - 1))]! * 10) / 10;
    times[name] = { median: at(0.5), p95: at(0.95), worst: at(1) };
  }
  return times;
}
