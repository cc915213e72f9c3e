// Waits for work that a job has left running when its last record or key is done: timers, reads, connections.
//
// An attempt ends when that work has ended, like a Node program: it may still emit a pair. Promises need no search: they wait
// for such work, or have settled already.

import { createHook } from 'node:async_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type MessagePort, parentPort } from 'node:worker_threads';

import type { Place } from '../protocol.ts';
import { jobFailure } from './failure.ts';

/** How long an attempt waits for leftover work. */
const PATIENCE_MS = 5000;
/** Node reports the end of a resource a turn or two late. After this many quick looks, the next ones come after a pause. */
const QUICK_LOOKS = 3;
const LOOK_MS = 5;

/** Resources that happen once and then end. Others may stay idle, such as a connection: they are given time, and then left. */
const HAPPENS_ONCE = /^(?:Timeout|Immediate|ZLIB|PROCESSWRAP|WORKER)$|REQ/;
const MAY_BE_IDLE = /WRAP$|^MESSAGEPORT$/;
/** Resources of Node that end without help, and may be listed afterwards until they are collected. */
const REQUEST = /Req|ReadWrap$/;

interface Started {
  readonly type: string;
  readonly resource: WeakRef<Resource>;
  readonly place: Place | undefined;
}

/** Some properties of Node's resources. */
interface Resource {
  /** Whether the resource keeps the thread alive. */
  readonly hasRef?: () => boolean;
  /** The input of a compressor. */
  readonly buffer?: unknown;
  /** The callback at a request's end. A request that completes at once has none. */
  readonly oncomplete?: unknown;
  readonly ondone?: unknown;
}

export class Leftovers implements Disposable {
  readonly #started = new Map<number, Started>();
  readonly #hook;
  /** Whether an idle thread can be detected: not if something kept the thread alive before. */
  readonly #canIdle = parentPort !== null && activeResources(parentPort).every((type) => REQUEST.test(type));
  /** Whether the engine, not the job, is starting something. */
  #isOurs = false;
  /** How many resources of any kind this thread has started. */
  #startCount = 0;

  /** Notes every resource that this thread starts from now on, and the job's place at that moment. */
  constructor(place: () => Place | undefined) {
    this.#hook = createHook({
      // Promises are left out: there are far too many.
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
   * Waits until no work that the job has started is running.
   * @throws TaskFailure if work continues that should have ended
   */
  async ended(): Promise<void> {
    const startMs = performance.now();
    for (let looks = 0; ; looks++) {
      await this.#turn(looks < QUICK_LOOKS ? 0 : LOOK_MS);
      const running = [...this.#started.values()].filter(isRunning);
      if (running.length === 0 && (await this.#idle(startMs + PATIENCE_MS))) return;
      if (performance.now() - startMs < PATIENCE_MS) continue;
      const left = running.find(({ type }) => HAPPENS_ONCE.test(type));
      // Work of neither of our types, and not listed by Node as a resource, is computed on another thread: it ends.
      if (left === undefined && (running.length > 0 || activeResources(parentPort!).length > 0)) return;
      throw jobFailure(new Error(leftRunning(left?.type)), left?.place);
    }
  }

  /**
   * Returns whether the thread becomes idle before a deadline. Some work on other threads, such as that of WebCrypto or a Blob,
   * does not report its end. A Blob continues with its next read only after the thread has been idle, so this waits until
   * nothing starts after an idle moment.
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

  /** Returns whether the thread becomes idle within `ms` milliseconds. */
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
  // A compressor never reports its end.
  if (type === 'ZLIB') return held.buffer !== undefined && held.buffer !== null;
  if (type.includes('REQ')) return type === 'FSREQPROMISE' || (held.oncomplete ?? held.ondone) !== undefined;
  return held.hasRef?.() ?? true;
}

/** Returns the names of the resources that keep the thread alive, except the port on which it gets its orders. */
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
    'await work that may emit, and clear or unref() work that need not end'
  );
}
