// What a job has left running when its last record or key is done: timers, reads, connections.
//
// An attempt ends when that has ended, as a Node program does: what is still to come may be a pair. Promises need not be
// looked for: what they wait for is one of these, or has happened already.

import { createHook } from 'node:async_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type MessagePort, parentPort } from 'node:worker_threads';

import type { Place } from '../protocol.ts';
import { jobFailure } from './failure.ts';

/** So long an attempt waits for what its job has left running. */
const PATIENCE_MS = 5000;
/** What has just ended is told a turn or two later; after these it is looked at again only after a while. */
const QUICK_LOOKS = 3;
const LOOK_MS = 5;

/** What happens once, and then has ended. Anything else may be idle, such as a connection: it is waited for, and then left. */
const HAPPENS_ONCE = /^(?:Timeout|Immediate|ZLIB|PROCESSWRAP|WORKER)$|REQ/;
const MAY_BE_IDLE = /WRAP$|^MESSAGEPORT$/;
/** Resources of Node's that end by themselves, and may be listed after that until they are collected. */
const REQUEST = /Req|ReadWrap$/;

interface Started {
  readonly type: string;
  readonly resource: WeakRef<Resource>;
  readonly place: Place | undefined;
}

/** What Node's resources have, some of them. */
interface Resource {
  /** Whether it keeps the thread from ending. */
  readonly hasRef?: () => boolean;
  /** What a compressor works at. */
  readonly buffer?: unknown;
  /** Who hears of the end of a request. What is done at once is a request, too, of whose end nobody hears. */
  readonly oncomplete?: unknown;
  readonly ondone?: unknown;
}

export class Leftovers implements Disposable {
  readonly #started = new Map<number, Started>();
  readonly #hook;
  /** Whether the thread can be seen to have nothing left to do: not if something kept it from ending before. */
  readonly #canIdle = parentPort !== null && activeResources(parentPort).every((type) => REQUEST.test(type));
  /** Whether we start something ourselves. */
  #isOurs = false;
  /** How many things have been started in this thread, of any kind. */
  #startCount = 0;

  /** Takes note of all that is started in this thread from now on, and of where the job is then. */
  constructor(place: () => Place | undefined) {
    this.#hook = createHook({
      // Promises are far too many.
      trackPromises: false,
      init: (id, type, _trigger, resource) => {
        if (this.#isOurs) return;
        this.#startCount++;
        if (!(HAPPENS_ONCE.test(type) || MAY_BE_IDLE.test(type))) return;
        this.#started.set(id, { type, resource: new WeakRef(resource), place: place() });
      },
      after: (id) => {
        const type = this.#started.get(id)?.type;
        if (type !== undefined && (type.includes('REQ') || type === 'Immediate')) this.#started.delete(id);
      },
      destroy: (id) => void this.#started.delete(id),
    }).enable();
  }

  /**
   * Waits until nothing is running any more that the job has started.
   * @throws TaskFailure if something goes on that would have happened once
   */
  async ended(): Promise<void> {
    const startMs = performance.now();
    for (let looks = 0; ; looks++) {
      await this.#turn(looks < QUICK_LOOKS ? 0 : LOOK_MS);
      const running = [...this.#started.values()].filter(isRunning);
      if (running.length === 0 && (await this.#idle(startMs + PATIENCE_MS))) return;
      if (performance.now() - startMs < PATIENCE_MS) continue;
      const left = running.find(({ type }) => HAPPENS_ONCE.test(type));
      // What is neither of our types nor a resource of Node's that it names is computed beside: that ends.
      if (left === undefined && (running.length > 0 || activeResources(parentPort!).length > 0)) return;
      throw jobFailure(new Error(leftRunning(left?.type)), left?.place);
    }
  }

  /**
   * Whether the thread comes to have nothing left to do until some time: some things that are computed beside, such as by
   * WebCrypto, or in a Blob, do not tell when they end. A Blob goes on with its next read only after the thread has been
   * idle: it is waited for until an idle moment is followed by nothing.
   */
  async #idle(untilMs: number): Promise<boolean> {
    if (!this.#canIdle) return true;
    for (;;) {
      const startCount = this.#startCount;
      if (!(await this.#nextIdle(untilMs - performance.now()))) return false;
      await this.#turn(0);
      if (this.#startCount === startCount) return true;
    }
  }

  /** Whether the thread has nothing left to do, at once or within some time. */
  async #nextIdle(ms: number): Promise<boolean> {
    const port = parentPort!;
    const isHeld = port.hasRef();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onIdle = (): void => resolve(true);
    this.#isOurs = true;
    const timer = globalThis.setTimeout(() => resolve(false), ms).unref();
    this.#isOurs = false;
    process.once('beforeExit', onIdle);
    port.unref();
    try {
      return await promise;
    } finally {
      if (isHeld) port.ref();
      process.off('beforeExit', onIdle);
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }

  #turn(ms: number): Promise<void> {
    this.#isOurs = true;
    try {
      return ms === 0 ? setImmediate() : setTimeout(ms);
    } finally {
      this.#isOurs = false;
    }
  }
}

function isRunning({ type, resource }: Started): boolean {
  const held = resource.deref();
  if (held === undefined) return false;
  // A compressor never tells that it has ended.
  if (type === 'ZLIB') return held.buffer !== undefined && held.buffer !== null;
  if (type.includes('REQ')) return type === 'FSREQPROMISE' || (held.oncomplete ?? held.ondone) !== undefined;
  return held.hasRef?.() ?? true;
}

/** What keeps the thread from ending, but for the port on which it gets its orders. */
function activeResources(port: MessagePort): string[] {
  const isHeld = port.hasRef();
  port.unref();
  const active = process.getActiveResourcesInfo();
  if (isHeld) port.ref();
  return active;
}

const NAMES: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  PROCESSWRAP: 'a process',
  WORKER: 'a worker thread',
};

function leftRunning(type: string | undefined): string {
  const what = type === undefined ? 'something' : (NAMES[type] ?? `something (${type})`);
  return (
    `the job left ${what} running that had not ended ${PATIENCE_MS / 1000} s after its last record or key; ` +
    'await what may emit, and clear or unref() what need not end'
  );
}
