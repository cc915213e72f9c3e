// Measures how smoothly the page moves with 10,000 tasks on 200 workers, in a report and during a run. The times are printed but not
// asserted, because a busy machine is slow. The test asserts why they are short: the page draws no more than can be seen.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import { bigJournal } from '../fixtures/big-journal.ts';
import { LiveRun } from '../fixtures/live-run.ts';
import { randomFrom } from '../fixtures/random.ts';
import { test } from '../fixtures/scratch.ts';
import { inBrowser, TestBrowser, textOf } from './browser.ts';
import { type Doing, frameTimes } from './frame-times.ts';
import { reportOf } from './report-file.ts';

/** 200 cards of 8 elements each, and a page of everything else. */
const MOST_ELEMENTS = 3000;

test('a report of 10,000 tasks on 200 workers moves smoothly', inBrowser, async ({ scratch }) => {
  const lines = bigJournal({ mapCount: 9500, reduceCount: 500, workerCount: 200 }, randomFrom(1));
  await using browser = await TestBrowser.open();
  const page = await browser.page(reportOf(scratch, lines.map((line) => JSON.stringify(line)).join('\n')));
  await expectSmooth(page, `10,000 tasks, ${lines.length} lines`, ['zooming', 'panning', 'scrolling', 'scrubbing'], 60);
  expect(browser.errors).toEqual([]);
});

test('a run of 10,000 tasks on 200 workers is displayed smoothly while it runs', inBrowser, async () => {
  const lines = bigJournal({ mapCount: 9500, reduceCount: 500, workerCount: 200 }, randomFrom(1));
  await using run = new LiveRun(lines, 10_000);
  await using browser = await TestBrowser.open();
  const page = await browser.page(await run.serve());
  const before = await textOf(page, '.phases .phase:nth-of-type(2) .counts');
  run.goOn();
  // Long enough for tables and cards to be filled a few times.
  await expectSmooth(page, '10,000 tasks, live', ['watching', 'zooming'], 180);
  expect(await textOf(page, '.phases .phase:nth-of-type(2) .counts')).not.toBe(before);
  expect(browser.errors).toEqual([]);
});

/** Measures and prints. The page has no more elements than the workers and the rows in sight need, however many tasks there are. */
async function expectSmooth(page: Page, what: string, doings: readonly Doing[], frameCount: number): Promise<void> {
  for (const doing of doings) {
    const times = await frameTimes(page, doing, frameCount);
    console.log(`${what}, ${doing}, ms per frame: ${JSON.stringify(times)}`);
    const elementCount = await page.evaluate(() => document.querySelectorAll('*').length);
    expect.soft(elementCount, doing).toBeLessThan(MOST_ELEMENTS);
  }
}
