import { expect, test } from 'vitest';

import type { LiveRun } from '../../../src/view/live-run.ts';
import { WatchedRun } from '../../../src/terminal/run-display.ts';
import { chunksWritten, ready } from '../../fixtures/told-run.ts';
import { BEGIN, ToldView } from '../../fixtures/told-view.ts';

/** A run that counts how often it is folded. */
class CountedRun implements LiveRun {
  folds = 0;
  readonly #run = new ToldView().tell(100, chunksWritten, ready(1));

  async openView(): ReturnType<LiveRun['openView']> {
    this.folds++;
    return this.#run.view;
  }

  nowMs(): number {
    return BEGIN + 700;
  }
}

test('a run that a display does not ask for is not folded', async () => {
  const run = new CountedRun();
  const watched = new WatchedRun();
  watched.observer.planned({}, run);
  await watched.open();
  expect(run.folds, 'nothing has happened yet').toBe(0);
  for (let event = 0; event < 3; event++) watched.observer.happened();
  expect([run.folds, watched.moment]).toEqual([0, undefined]);

  for (let drawing = 0; drawing < 3; drawing++) await watched.open();
  expect(run.folds).toBe(1);
  expect(watched.moment).toMatchObject({ atMs: 700, phase: 'map' });
});

test('a run whose journal cannot be read goes on without a display', async () => {
  const watched = new WatchedRun();
  const openView = (): Promise<never> => Promise.reject(new Error('no journal'));
  watched.observer.planned({}, { openView, nowMs: () => 0 });
  watched.observer.happened();
  await watched.open();
  expect(watched.moment).toBeUndefined();
});
