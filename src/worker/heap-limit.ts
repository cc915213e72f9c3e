// Holds a thread to the limit of its heap, from outside, while the user's code runs.
//
// V8 has such a limit too. But where one allocation goes far beyond it, as when an array of millions grows, V8 ends the
// process and not the thread. So its limit is set far off, and ours is looked after here: a heap that seems to be larger
// is collected, because much of it may be garbage, and what is left then counts. What lies outside of the heap, such as in
// Buffers, V8 does not limit at all; much of it may be ours, so there the job's code may have as much beyond what we need.

import type { ResourceLimits, Worker } from 'node:worker_threads';

const MEBIBYTE = 1024 ** 2;
/** How often the size of the heap is asked for: that interrupts the thread for a fraction of a millisecond. */
const LOOK_MS = 50;
/** What we hold outside of the heap is less: a chunk with its bytes, a block, what is read ahead. The kernel's memory is not counted. */
const OWN_BYTES = 1024 * MEBIBYTE;
/**
 * A thread that does not answer for so long, and meanwhile has made the process larger by its whole limit and this much, has
 * used up its heap: V8 may then collect for ever, or run a loop that heeds nobody. What else may have grown is less.
 */
const UNANSWERED_LOOKS = 4;
const UNANSWERED_LOOK_MS = 250;
const OTHER_GROWTH_BYTES = 384 * MEBIBYTE;
/** A thread is made to collect its garbage for at most this part of its time. */
const COLLECTING_SHARE = 0.1;

/** V8's limit: an array that grows takes two and a half times its size, and the thread goes on until it heeds us. */
export function resourceLimitsOf(heapBytes: number): ResourceLimits {
  return { maxOldGenerationSizeMb: Math.ceil((4 * heapBytes) / MEBIBYTE) + 512 };
}

export interface HeapWatch {
  /** The most that a thread was seen to hold; undefined where it has not been looked at. */
  readonly mostBytes: number | undefined;
  end(): void;
}

/** Where a thread holds too much: in its heap, or outside of it. */
export type Excess = 'heap' | 'outside';

/** Calls `exceeded` once a thread holds more than `heapBytes`. */
export function watchHeap(worker: Worker, heapBytes: number, exceeded: (where: Excess) => void): HeapWatch {
  let isOn = true;
  let mostBytes: number | undefined;
  let unanswered: NodeJS.Timeout | undefined;
  const end = (): void => {
    isOn = false;
    clearTimeout(timer);
    clearInterval(unanswered);
  };
  const exceed = (excess: Excess): void => {
    if (!isOn) return;
    end();
    exceeded(excess);
  };
  const answered = (bytes: number): void => {
    mostBytes = Math.max(mostBytes ?? 0, bytes);
    clearInterval(unanswered);
    if (isOn) unanswered = watchGrowth(heapBytes, () => exceed('heap'));
  };
  const look = async (): Promise<void> => {
    const begun = performance.now();
    unanswered ??= watchGrowth(heapBytes, () => exceed('heap'));
    const excess = await excessOf(worker, heapBytes, answered);
    if (excess !== undefined) exceed(excess);
    else if (isOn) timer = lookLater((performance.now() - begun) / COLLECTING_SHARE);
  };
  const lookLater = (ms: number): NodeJS.Timeout => setTimeout(() => void look(), Math.max(LOOK_MS, ms)).unref();
  let timer = lookLater(LOOK_MS);
  return {
    get mostBytes() {
      return mostBytes;
    },
    end,
  };
}

/** Calls `exceeded` if the process grows too much before the timer is cleared. Looks count, and not time: it may be stopped. */
function watchGrowth(heapBytes: number, exceeded: () => void): NodeJS.Timeout {
  const before = process.memoryUsage.rss();
  let looks = 0;
  return setInterval(() => {
    looks++;
    const growth = process.memoryUsage.rss() - before;
    if (looks >= UNANSWERED_LOOKS && growth > heapBytes + OTHER_GROWTH_BYTES) exceeded();
  }, UNANSWERED_LOOK_MS).unref();
}

async function excessOf(
  worker: Worker,
  heapBytes: number,
  answered: (bytes: number) => void,
): Promise<Excess | undefined> {
  const look = async (): Promise<Excess | undefined> => {
    const { used_heap_size: used, external_memory: outside } = await worker.getHeapStatistics();
    answered(used);
    if (used > heapBytes) return 'heap';
    return outside > heapBytes + OWN_BYTES ? 'outside' : undefined;
  };
  try {
    if ((await look()) === undefined) return undefined;
    await collectGarbage(worker);
    return await look();
  } catch {
    // The thread has ended: it tells that by itself.
    return undefined;
  }
}

/** A profile of the heap is of what lives: to take one is the one way to have another thread's garbage collected. */
async function collectGarbage(worker: Worker): Promise<void> {
  const profile = await worker.startHeapProfile({ forceGC: true, sampleInterval: 2 ** 30 });
  await profile.stop();
}
