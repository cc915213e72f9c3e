// Tests the dashboard in a real browser: it shows a run with a killed worker to its end, and the report shows the same.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';

import type { Status } from '../../src/api/status.ts';
import { figuresOf, inBrowser, leastContrast, TestBrowser, textOf } from './browser.ts';
import { reportOf } from './report-file.ts';
import { HOLDING } from '../fixtures/paths.ts';
import { test } from '../fixtures/scratch.ts';
import { library } from '../fixtures/texts.ts';
import { chunksWritten, done, failed, lost, ready } from '../fixtures/told-run.ts';
import { ToldView } from '../fixtures/told-view.ts';

const HOSTILE = `</script><img src="x" onerror="document.body.dataset['owned'] = 'yes'">\u202e`;

/** A run in which attempts were lost and failed. */
function troubled(): ToldView {
  return new ToldView()
    .tell(100, { type: 'chunks-written', bytes: [700, 300] })
    .tell(200, ready(1), ready(2))
    .tell(1000, lost(1))
    .tell(1500, ready(1))
    .tell(
      2000,
      failed('map-1.1', { message: 'this line is bad', stack: 'Error: this line is bad\n    at map (job.ts:3)' }),
    )
    .tell(
      3000,
      ...done('map-0.2', { recordsIn: 7, bytesIn: 700, bytesOut: 70, partitionBytes: [70], counters: [['odd', 2]] }),
    )
    .tell(4000, ...done('map-1.2', { recordsIn: 3, bytesIn: 300, bytesOut: 30, partitionBytes: [30] }))
    .tell(6000, ...done('reduce-0.1', { recordsIn: 9, bytesIn: 100, recordsOut: 4, bytesOut: 40 }));
}

/** Moves the pointer along the lanes until the tooltip matches. */
async function pointAt(page: Page, pattern: RegExp): Promise<string> {
  const canvas = page.locator('.lanes-scroll canvas');
  await canvas.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await canvas.boundingBox())!;
  for (let down = 34; down < height; down += 9) {
    for (let along = 106; along < width; along += 20) {
      await page.mouse.move(x + along, y + down);
      const said = await page.evaluate(() => document.querySelector('.tooltip:not([hidden])')?.textContent ?? '');
      if (pattern.test(said)) return said;
    }
  }
  return '';
}

describe('the dashboard', () => {
  test(
    'the dashboard shows a run with a killed worker up to its end, and the report shows the same',
    inBrowser,
    async ({ scratch }) => {
      const texts = library(scratch);
      const port = scratch.port + 4;
      const args = [
        '-N',
        '4',
        '-M',
        '2',
        '-W',
        '2',
        '--no-backup',
        '--keep-open',
        '--port',
        String(port),
        '--job',
        HOLDING,
      ];
      const driver = scratch.drive([
        ...args,
        '--param',
        'hold=map-1.1,reduce-1.1',
        '--param',
        `gate=${scratch.dir}`,
        ...texts,
      ]);
      const [, url] = await driver.line(/^watch the run at (\S+)$/);
      await using browser = await TestBrowser.open();
      const page = await browser.page(url!);

      await page.waitForFunction(() => document.querySelector('.state')?.textContent === 'mapping');
      await page.waitForFunction(() => document.querySelector('.phases')?.textContent.includes('1 running'));
      const [, pid] = await driver.line(/map-1\.1 waits in process (\d+)$/);
      process.kill(Number(pid), 'SIGKILL');
      await page.waitForFunction(() =>
        document.querySelector('.feed')?.textContent?.includes('lost: its process ended with SIGKILL'),
      );
      await driver.line(/reduce-1\.1 waits in process/);
      await page.waitForFunction(() =>
        /reduce task.*reduce-1\.1|waits for reduce-1\.1/.test(document.querySelector('.waits')?.textContent ?? ''),
      );
      const posted = await fetch(url!, { method: 'POST' });
      expect(posted.status).toBe(405);
      writeFileSync(join(scratch.dir, 'reduce-1.1'), '');
      await page.waitForFunction(() => document.querySelector('.state')?.textContent === 'done');
      await page.waitForFunction(() => document.querySelector('.feed li')?.textContent?.endsWith('done'));
      await driver.line(/stays open until Ctrl-C$/);

      expect(await pointAt(page, /^map-1\.1 on worker \d: lost/)).toContain('its process ended with SIGKILL');
      const cells = await page.locator('.tasks tbody tr').nth(1).locator('td').allTextContents();
      expect([...cells.slice(0, 3), cells.at(-1)]).toEqual([
        'map-1',
        'committed',
        '2',
        'its process ended with SIGKILL',
      ]);
      const status = (await (await fetch(new URL('/status', url))).json()) as Status;
      expect(status.tasks).toEqual({
        map: { pending: 0, running: 0, completed: 4, failed: 0 },
        reduce: { pending: 0, running: 0, completed: 2, failed: 0 },
      });
      expect(status.reassignments).toBe(1);
      expect(await page.locator('.phase .counts').allTextContents()).toEqual([
        '4 committed · 0 running · 0 waiting · 0 failed',
        '4 committed · 0 running · 0 waiting · 0 failed',
        '2 committed · 0 running · 0 waiting · 0 failed',
        '2 committed · 0 running · 0 waiting · 0 failed',
      ]);
      const history = join(scratch.state, 'history', status.run.id);
      const journal = readFileSync(join(history, 'journal.ndjson'), 'utf8');
      expect(journal.match(/"type":"task-committed"/g)).toHaveLength(6);

      const live = await figuresOf(page);
      const report = await browser.page(pathToFileURL(join(history, 'report.html')).href);
      expect(await figuresOf(report)).toEqual(live);
      expect(await pointAt(report, /^map-1\.1 on worker \d: lost/)).not.toBe('');
      driver.signal('SIGINT');
      expect((await driver.finished).exitCode).toBe(0);
      await page.waitForFunction(() => document.querySelector('.connection')?.textContent === 'the driver has ended');
      expect(browser.errors).toEqual([]);
      expect(browser.requests.filter((asked) => !asked.startsWith(url!) && !/^(file|data):/.test(asked))).toEqual([]);
    },
  );

  test('--no-dashboard removes the page, but not /status and /metrics', async ({ scratch }) => {
    const port = scratch.port + 4;
    const gate = ['--param', 'hold=map-0.1', '--param', `gate=${scratch.dir}`];
    const driver = scratch.drive([
      '--no-dashboard',
      '--port',
      String(port),
      '--job',
      HOLDING,
      ...gate,
      ...library(scratch),
    ]);
    await driver.line(/^the driver listens at/);
    const statuses = ['/', '/status', '/metrics'].map(
      async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
    writeFileSync(join(scratch.dir, 'map-0.1'), '');
    expect((await driver.finished).exitCode).toBe(0);
  });
});

describe('a report', () => {
  test('a report shows names and errors as text, whatever they contain', inBrowser, async ({ scratch }) => {
    const told = new ToldView()
      .tell(100, chunksWritten, ready(1))
      .tell(150, { type: 'worker-joined', worker: 3, name: HOSTILE, url: '', pid: 1, host: HOSTILE })
      .tell(160, { type: 'worker-ready', worker: 3, url: HOSTILE, pid: 1 })
      .tell(300, failed('map-1.1', { message: HOSTILE, stack: HOSTILE }))
      .tell(400, failed('map-0.1', { message: HOSTILE }))
      .tell(500, { type: 'interrupted', signal: HOSTILE });
    await using browser = await TestBrowser.open();
    const page = await browser.page(reportOf(scratch, told.journal));
    await page.locator('.tasks tbody tr').nth(1).click();

    for (const place of ['.feed', '.cards', '.tasks tbody', '.details pre', '.waits']) {
      expect(await textOf(page, place), place).toContain('<img src="x" onerror=');
    }
    expect(await page.locator('img').count()).toBe(0);
    // Characters that would reverse the direction of writing are shown as escapes.
    expect(await textOf(page, 'main')).not.toContain('\u202e');
    expect(await textOf(page, '.feed')).toContain(String.raw`\u202e`);
    expect(await page.evaluate(() => document.body.dataset['owned'])).toBeUndefined();
    expect(browser.errors).toEqual([]);
  });

  test('a report shows the run at the time of the scrubber', inBrowser, async ({ scratch }) => {
    await using browser = await TestBrowser.open();
    const page = await browser.page(reportOf(scratch, troubled().journal));
    const seenAt = async (ms: number, ...expected: readonly string[]): Promise<void> => {
      await page.locator('#scrubber').fill(String(ms));
      const seen = ['.state', '.phases .phase:nth-of-type(2) .counts'];
      await expect.poll(() => Promise.all(seen.map((selector) => textOf(page, selector)))).toEqual(expected);
    };
    await seenAt(6000, 'done', '2 committed · 0 running · 0 waiting · 0 failed');
    await seenAt(1200, 'mapping', '0 committed · 1 running · 1 waiting · 0 failed');
    await seenAt(50, 'cutting chunks', '0 committed · 0 running · 2 waiting · 0 failed');
  });

  test(
    'the lanes of a report move when they are dragged, and open a task only when one is clicked',
    inBrowser,
    async ({ scratch }) => {
      await using browser = await TestBrowser.open();
      const page = await browser.page(reportOf(scratch, troubled().journal));
      expect(await pointAt(page, /^map-0\.2 on worker \d: won/)).toContain('7 records');
      const { x, y } = await page.evaluate(() => {
        const box = document.querySelector('.tooltip')!.getBoundingClientRect();
        return { x: box.x - 14, y: box.y - 14 };
      });
      await page.mouse.down();
      await page.mouse.move(x - 60, y, { steps: 4 });
      await page.mouse.up();
      expect(await page.locator('.details').isVisible()).toBe(false);
      expect(await pointAt(page, /^map-0\.2 on worker \d: won/)).not.toBe('');
      await page.mouse.down();
      await page.mouse.up();
      expect(await textOf(page, '.details h2')).toBe('map-0: committed');
    },
  );

  test('the report of a run whose driver died states that the run has no end', inBrowser, async ({ scratch }) => {
    await using browser = await TestBrowser.open();
    const told = new ToldView().tell(100, chunksWritten, ready(1), ready(2));
    const page = await browser.page(reportOf(scratch, told.journal));
    expect(await textOf(page, '.connection')).toContain('a run without an end');
    const whole = await browser.page(reportOf(scratch, troubled().journal));
    expect(await textOf(whole, '.connection')).toBe('report');
  });

  test('a report can be read by keyboard alone', inBrowser, async ({ scratch }) => {
    await using browser = await TestBrowser.open();
    const page = await browser.page(reportOf(scratch, troubled().journal));
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
    for (let tabs = 0; tabs < 60 && !(await focused()).startsWith('map-1'); tabs++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const details = page.locator('.details');
    expect(await details.textContent()).toContain('b.txt: bytes 100 to 400 of 400');
    expect(await details.locator('pre').textContent()).toContain('at map (job.ts:3)');
    await page.keyboard.press('Escape');
    expect(await details.isVisible()).toBe(false);
    await page.locator('[role=tab]').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.tasks tbody tr').first().textContent()).toContain('reduce-0');
  });

  test.for([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    'a report fits a screen of %i px and has enough contrast, %s',
    inBrowser,
    async ([width, scheme], { scratch }) => {
      await using browser = await TestBrowser.open();
      const page = await browser.page(reportOf(scratch, troubled().journal), { width, scheme });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const { ratio, where } = await leastContrast(page);
      expect(ratio, where).toBeGreaterThanOrEqual(4.5);
    },
  );
});
