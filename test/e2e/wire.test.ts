// Tests that only metadata crosses the wire.

import { describe, expect } from 'vitest';

import { randomFrom, seed } from '../fixtures/random.ts';
import { recordingProxy } from '../fixtures/recording-proxy.ts';
import { test } from '../fixtures/scratch.ts';
import { countWords } from '../fixtures/texts.ts';

const MAX_BODY_BYTES = 2 * 1024;

/** Words that occur only in the input. */
function inventedWords(count: number): string[] {
  const random = randomFrom(seed);
  const letter = (): string => String.fromCharCode(97 + Math.floor(random() * 26));
  return Array.from({ length: count }, () => Array.from({ length: 12 }, letter).join(''));
}

describe('requests between driver and workers', () => {
  test(`no request body passes 2 KiB and none holds input text, with 30 maps and 30 reduces (seed ${seed})`, async ({
    scratch,
  }) => {
    const words = inventedWords(3000);
    const text = words.map((word, index) => word + (index % 10 === 9 ? '\n' : ' ')).join('');
    scratch.write('text.txt', text);
    // The proxies' ports come first: a driver for two workers takes the two lowest that answer.
    const workers = scratch.start(['workers', '-W', '2', '--worker-port', String(scratch.port + 2)]);
    await workers.line(/2 workers ready/);
    await using proxy = await recordingProxy(scratch.port, scratch.port + 2, 2, scratch.token());

    await scratch.done(['-N', '30', '-M', '30', '-W', '2', 'text.txt']);

    expect(scratch.output()).toBe(countWords([text]));
    const tasks = proxy.exchanges.filter(({ method }) => method === 'POST');
    expect(tasks.filter(({ url }) => url === '/map')).toHaveLength(30);
    expect(tasks.filter(({ url }) => url === '/reduce')).toHaveLength(30);
    for (const { method, url, requestBody, responseBody } of proxy.exchanges) {
      const exchange = `${method} ${url} ${requestBody} ${responseBody}`;
      expect(Buffer.byteLength(requestBody), exchange).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(Buffer.byteLength(responseBody), exchange).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(words.filter((word) => exchange.includes(word))).toEqual([]);
    }
  });
});
