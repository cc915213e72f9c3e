// Cuts the keys of a job into ranges of about the same number of pairs, from a sample: pieces of the input, evenly spread,
// go through the job's map, in a thread: there it can do nothing to the driver, whatever it does.
//
// Source: O. O'Malley, "TeraByte Sort on Apache Hadoop" (2008), for sampling the input before the run.

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import { compileCache } from '../driver/compile-cache.ts';
import type { SampleAnswer, SampleOrder } from './sample-thread.ts';

const THREAD = new URL(`sample-thread${extname(import.meta.url)}`, import.meta.url);
const MEBIBYTE = 2 ** 20;

export interface SampleLimits {
  /** How long the thread may be silent, and how much heap it may have: then the keys so far have to do. */
  readonly silenceMs: number;
  readonly heapBytes: number;
  /** Ends the sampling early. */
  readonly interrupt?: AbortSignal | undefined;
}

/** The first key of each range but the first, in base64; where the sample has few keys, some are the same. */
export async function sampleFirstKeys(order: SampleOrder, limits: SampleLimits): Promise<string[]> {
  const { rangeCount } = order;
  // A character is a byte: this is the order of bytes.
  const keys = (await sampledKeys(order, limits)).sort();
  return Array.from({ length: rangeCount - 1 }, (_, range) => {
    const key = keys[Math.floor(((range + 1) * keys.length) / rangeCount)] ?? '';
    return Buffer.from(key, 'latin1').toString('base64');
  });
}

/** A thread that ends, hangs or uses up its memory has answered with the keys of the pieces before: the map task will judge. */
async function sampledKeys(order: SampleOrder, limits: SampleLimits): Promise<string[]> {
  const { silenceMs, heapBytes, interrupt } = limits;
  const { path, params, inputs, rangeCount } = order;
  const resourceLimits = { maxOldGenerationSizeMb: Math.ceil(heapBytes / MEBIBYTE) };
  const compiled = compileCache();
  const thread = new Worker(THREAD, {
    workerData: { path, params, inputs, rangeCount } satisfies SampleOrder,
    resourceLimits,
    // A thread looks for what Node has compiled where its environment says, and nowhere else.
    env: { ...process.env, ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }) },
  });
  const keys: string[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const silence = setTimeout(end, silenceMs);
  interrupt?.addEventListener('abort', () => end(), { once: true });
  if (interrupt?.aborted === true) end();
  thread.on('message', (answer: SampleAnswer) => {
    if (answer === 'end') return end();
    for (const key of answer) keys.push(key);
    silence.refresh();
  });
  thread.on('error', () => end()).on('exit', () => end());
  await ended;
  clearTimeout(silence);
  // Nobody waits for that: it takes as long as the sample.
  void thread.terminate();
  return keys;
}
