// The process of the job host: hands the driver's orders to the thread in which the user's code runs, holds that thread to its
// memory, and says how it ended where it ends by itself. Ends with its driver.

import { closeSync } from 'node:fs';
import { extname } from 'node:path';

import { type AttemptFailure, DEFAULT_HEAP_BYTES, placeText } from '../protocol.ts';
import { messageOf } from '../errors.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { type HostFailure, type HostNews, type HostOrder, OUTPUT_FD } from '../engine/host-messages.ts';
import { endWithParent } from '../worker/driver-death.ts';
import type { HeapWatch } from '../worker/heap-limit.ts';
import { UserThread } from '../worker/user-thread.ts';

const THREAD = new URL(`host-thread${extname(import.meta.url)}`, import.meta.url);
/** So often the driver hears how far the user's code is. */
const PROGRESS_MS = 1000;

/** Why there is no thread, or none any more. */
let ended: AttemptFailure | undefined;
let order: HostOrder | undefined;
// It starts before the first order is there.
let thread: UserThread<HostNews> | undefined = startThread(DEFAULT_HEAP_BYTES);
let jobPath = '';
let heap: HeapWatch | undefined;

// Ctrl-C and a terminal that is closed reach the whole process group: the driver decides when its job host ends.
process.on('SIGINT', () => {}).on('SIGHUP', () => {});
// Node would listen for a debugger, on a port that is open to every user of the machine.
process.on('SIGUSR1', () => {});
endWithParent();
process.on('message', (next: HostOrder) => begin(next));
setInterval(tellSteps, PROGRESS_MS);

function begin(next: HostOrder): void {
  order = next;
  if (next.type === 'load') {
    jobPath = next.path;
    if (thread !== undefined && thread.heapBytes !== next.heapBytes) {
      void thread.end();
      thread = startThread(next.heapBytes);
    }
  }
  if (ended !== undefined) return tell({ type: 'failed', failure: failureOf(ended) });
  // What a sequential run holds is ours for the most part.
  if (next.type !== 'sequential') heap = thread?.watchHeap();
  thread?.post(next);
}

/** Undefined if the machine gives no thread: then that is why there is none. */
function startThread(heapBytes: number): UserThread<HostNews> | undefined {
  const onEnd = (failure: AttemptFailure): void => {
    ended = failure;
    if (order !== undefined) tell({ type: 'failed', failure: failureOf(failure) });
  };
  try {
    return new UserThread({ entry: THREAD, heapBytes, onMessage: tell, onEnd });
  } catch (error) {
    ended = { kind: 'system', message: messageOf(refusedCall(error)) };
    return undefined;
  }
}

function tell(news: HostNews): void {
  if (news.type !== 'answer' && news.type !== 'failed') return say(news);
  if (order?.type === 'sequential') closeSync(OUTPUT_FD);
  order = undefined;
  heap?.end();
  // What the thread has printed before is on its way to our own streams: the driver is to have it when it hears this.
  setImmediate(say, news);
}

function say(news: HostNews): void {
  process.send?.(news);
}

function tellSteps(): void {
  if (order?.type !== 'sequential' || thread === undefined) return;
  const { records, steps, isWaiting: isOurs, place } = thread.progress;
  tell({ type: 'steps', steps: records + steps, isOurs, place });
}

/** A job that ends its thread while it loads is no job; later it is one that fails. */
function failureOf({ kind, message, stack, place }: AttemptFailure): HostFailure {
  if (kind === 'system') return { kind, message };
  const [, exit, at] = /^the job's code called (process\.exit\(.*?\))(?: at (.*))?$/s.exec(message) ?? [];
  if (order?.type === 'load' && exit !== undefined) {
    return {
      kind: 'usage',
      message: `${at ?? `${jobPath}:1`}: expected a job file that loads, found that it calls ${exit}`,
    };
  }
  const where = place === undefined ? '' : ` at ${placeText(place)}`;
  return { kind: 'job', message: `${jobPath}${where}: ${message}${stack === undefined ? '' : `\n${stack}`}` };
}
