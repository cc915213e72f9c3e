// Watches whether a job that awaits gets results: of a timer, a file, a connection. An attempt that awaits many things in turn
// makes progress; one that awaits something that never settles does not.

import { type AsyncHook, createHook, executionAsyncId } from 'node:async_hooks';

import type { Progress } from './attempt.ts';

/** Shorter waits are not watched: most records that await continue long before. */
const LOOK_MS = 1000;

export class Awaited implements Disposable {
  readonly #hook: AsyncHook;
  #timer: NodeJS.Timeout | undefined;
  /** The async id of our own timer. */
  #own = 0;
  #isWaiting = false;
  #isWatched = false;

  constructor(progress: Progress) {
    const before = (resource: number): void => {
      if (resource !== this.#own) progress.steps++;
    };
    // Promises do not count: a loop that awaits only settled promises is still endless.
    this.#hook = createHook({ before, trackPromises: false });
  }

  begin(): void {
    this.#isWaiting = true;
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  end(): void {
    this.#isWaiting = false;
    if (this.#isWatched) this.#watch(false);
  }

  [Symbol.dispose](): void {
    this.end();
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#own = executionAsyncId();
    if (this.#isWaiting && !this.#isWatched) this.#watch(true);
  }

  #watch(isOn: boolean): void {
    this.#isWatched = isOn;
    if (isOn) this.#hook.enable();
    else this.#hook.disable();
  }
}
