// Whether something comes back to code of a job that awaits: a timer, a file, an answer. An attempt that awaits again and
// again makes progress; one that awaits what never comes does not.

import { type AsyncHook, createHook, executionAsyncId } from 'node:async_hooks';

import type { Progress } from './attempt.ts';

/** What is awaited for less needs no watching: most records that await have their answer long before. */
const LOOK_MS = 1000;

export class Awaited implements Disposable {
  readonly #hook: AsyncHook;
  #timer: NodeJS.Timeout | undefined;
  /** The asynchronous resource of our own timer. */
  #own = 0;
  #isWaiting = false;
  #isWatched = false;

  constructor(progress: Progress) {
    const before = (resource: number): void => {
      if (resource !== this.#own) progress.steps++;
    };
    // Not promises: a loop that awaits nothing but settled ones is endless all the same.
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
