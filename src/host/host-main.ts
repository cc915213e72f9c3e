// The process of the job host: passes the driver's orders to the thread in which the user's code runs, enforces its memory limit,
// and reports how it ended if it ends unexpectedly. Ends with its driver.

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
/** The interval in which progress is reported to the driver. */
const PROGRESS_MS = 1000;

/** Why there is no thread, or no longer one. */
let ended: AttemptFailure | undefined;
let order: HostOrder | undefined;
// Started before the first order arrives.
let thread: UserThread<HostNews> | undefined = startThread(DEFAULT_HEAP_BYTES);
let jobPath = '';
let heap: HeapWatch | undefined;

// Ctrl-C and the closing of a terminal reach the whole process group, but the driver decides when its job host ends.
process.on('SIGINT', () => {}).on('SIGHUP', () => {});
// By default Node would listen for a debugger, on a port that is open to every user of the machine.
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
  // Most of the memory of a sequential run is ours, so it is not limited.
  if (next.type !== 'sequential') heap = thread?.watchHeap();
  thread?.post(next);
}

/** Starts the thread. Returns undefined if the machine refuses; `ended` then has the reason. */
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
  if (news.type !== 'answer' && news.type !== 'failed') return send(news);
  if (order?.type === 'sequential') closeSync(OUTPUT_FD);
  order = undefined;
  heap?.end();
  // What the thread printed before is on its way to our own streams: the driver must receive it before this message.
  setImmediate(send, news);
}

function send(news: HostNews): void {
  process.send?.(news);
}

function tellSteps(): void {
  if (order?.type !== 'sequential' || thread === undefined) return;
  const { records, steps, isWaiting: isOurs, place } = thread.progress;
  tell({ type: 'steps', steps: records + steps, isOurs, place });
}

/** If the code ends its thread while it loads, it is not a job file; later, it is a job that fails. */
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
