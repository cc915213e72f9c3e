// Enforces the limit of a thread's heap, from outside, while the user's code runs.
//
// V8 has such a limit too. But if one allocation goes far beyond it, as when an array of millions grows, V8 ends the process
// and not the thread. So V8's limit is set far off, and ours is enforced here: if a heap seems to be too large, its garbage is
// collected first, and what is left counts. V8 does not limit memory outside of the heap, such as in Buffers. Much of that may
// be ours, so there the job's code may use its limit in addition to what we need.

import type { ResourceLimits, Worker } from 'node:worker_threads';

const MEBIBYTE = 1024 ** 2;
/** The interval in which the size of the heap is read, which interrupts the thread for a fraction of a millisecond. */
const LOOK_MS = 50;
/** More than we use outside of the heap: a chunk, a block, what is read ahead. The kernel's memory does not count. */
const OWN_BYTES = 1024 * MEBIBYTE;
/**
 * A thread has used up its heap if it does not respond for this long while the process grows by the whole limit and this much
 * in addition: V8 may then collect garbage for ever, or run a loop that cannot be interrupted. Anything else grows less.
 */
const UNANSWERED_LOOKS = 4;
const UNANSWERED_LOOK_MS = 250;
const OTHER_GROWTH_BYTES = 384 * MEBIBYTE;
/** At most this share of a thread's time is spent on collecting garbage for us. */
const COLLECTING_SHARE = 0.1;

/** V8's limit, far above ours: a growing array takes 2.5 times its size, and the thread runs on until it can be ended. */
export function resourceLimitsOf(heapBytes: number): ResourceLimits {
  return { maxOldGenerationSizeMb: Math.ceil((4 * heapBytes) / MEBIBYTE) + 512 };
}

export interface HeapWatch {
  /** The largest heap that was seen; undefined if none was seen yet. */
  readonly mostBytes: number | undefined;
  end(): void;
}

/** The memory of which a thread uses too much: its heap, or memory outside of it. */
export type Excess = 'heap' | 'outside';

/** Calls `exceeded` once, when a thread uses more than `heapBytes`. */
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

/** Calls `exceeded` if the process grows too much before the timer is cleared. Counts looks: the process may be stopped. */
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
    // The thread has ended, which its own events report.
    return undefined;
  }
}

/** Collects the garbage of another thread. Taking a heap profile, which shows live objects only, is the one way to do that. */
async function collectGarbage(worker: Worker): Promise<void> {
  const profile = await worker.startHeapProfile({ forceGC: true, sampleInterval: 2 ** 30 });
  await profile.stop();
}
