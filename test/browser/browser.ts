// Opens a real browser for a test: Debian's chromium, or the one that CHROMIUM_PATH names. Nothing is installed. Without a browser,
// the tests that need one are skipped, with a message.

import { existsSync } from 'node:fs';

import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = process.env['CHROMIUM_PATH'] ?? PLACES.find((path) => existsSync(path));

/** The options of a test that needs a browser. */
export const inBrowser = { skip: executablePath === undefined, timeout: 120_000 } as const;

if (executablePath === undefined) {
  console.warn(
    `\n*** NO BROWSER: the tests of the dashboard are SKIPPED. Expected ${PLACES.join(', ')} or CHROMIUM_PATH, found none. ***\n`,
  );
}

export interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** An open browser. Records the errors and the requests of its pages. */
export class TestBrowser implements AsyncDisposable {
  readonly errors: string[] = [];
  readonly requests: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async open(): Promise<TestBrowser> {
    // There is no sandbox for root, as in a container.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return new TestBrowser(await chromium.launch({ executablePath: executablePath!, args }));
  }

  /** A page that shows a run. */
  async page(url: string, { width = 1280, scheme = 'light' }: Look = {}): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('request', (request) => this.requests.push(request.url()));
    await page.goto(url);
    // The feed is filled last.
    await page.waitForSelector('.feed li', { state: 'attached' });
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** The text of the first element that matches. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.textContent(selector)) ?? '';
}

/** All texts of the page that have figures of the run. */
export async function figuresOf(page: Page): Promise<string[]> {
  const texts: string[] = [];
  for (const selector of [
    '.state',
    '.phases .phase',
    '.tasks tbody tr',
    '.quantiles tbody tr',
    '.counters tbody tr',
    '.feed li',
    '.heatmap .hint',
  ]) {
    texts.push(...(await page.locator(selector).allTextContents()));
  }
  return texts;
}

/** The least contrast of any text with its background, by the formula of WCAG 2, and its element. */
export async function leastContrast(page: Page): Promise<{ ratio: number; where: string }> {
  return page.evaluate(() => {
    type Rgba = [red: number, green: number, blue: number, alpha: number];
    const parse = (colour: string): Rgba => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
      return [red, green, blue, alpha];
    };
    const light = ([red, green, blue]: Rgba): number => {
      const [r, g, b] = [red, green, blue].map((part) => {
        const value = part / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (start: Element): Rgba => {
      for (let at: Element | null = start; at !== null; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour[3] > 0) return colour;
      }
      return [255, 255, 255, 1];
    };
    let least = { ratio: Infinity, where: '' };
    for (const element of document.querySelectorAll('body *')) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim() !== '');
      if (!hasText || (element as HTMLElement).offsetParent === null || element.closest('script') !== null) continue;
      const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < least.ratio)
        least = { ratio, where: `${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}` };
    }
    return least;
  });
}
