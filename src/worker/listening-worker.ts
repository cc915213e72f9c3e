// A worker that listens, as the driver spawns it and as the `worker` command is one: its server, and what runs attempts.

import { flushCompileCache } from 'node:module';

import type { FastifyInstance } from 'fastify';

import { listenOn, type TokenSource } from '../http-server.ts';
import { Executor } from './executor.ts';
import { workerServer } from './server.ts';

export class ListeningWorker {
  readonly #executor = new Executor();
  readonly #server: FastifyInstance;
  readonly #lastTask = Promise.withResolvers<void>();
  #isLeaving = false;

  /** `onTaskEnd` is called after an attempt has ended and its answer has been sent. */
  constructor(token: TokenSource, onTaskEnd: () => void = () => {}) {
    this.#server = workerServer({
      token,
      executor: this.#executor,
      isLeaving: () => this.#isLeaving,
      onTaskEnd: () => {
        onTaskEnd();
        if (this.#isLeaving) this.#lastTask.resolve();
      },
    });
  }

  get isBusy(): boolean {
    return this.#executor.busy;
  }

  /** `false` where something else listens on the port. */
  listen(port: number): Promise<boolean> {
    return listenOn(this.#server, port);
  }

  /** Does what can be done before the first task. To call when all that wait for this worker have been told. */
  prepare(): void {
    // A worker is killed in the end, which would lose what it has compiled.
    flushCompileCache();
    this.#executor.prepare();
  }

  /** Takes no more tasks, and waits until the one that it has is answered. */
  async finish(): Promise<void> {
    this.#isLeaving = true;
    if (this.isBusy) await this.#lastTask.promise;
  }
}
