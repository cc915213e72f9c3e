// A listening worker: its server and its executor. The driver spawns one in a process, and the `worker` command is one.

import { flushCompileCache } from 'node:module';

import type { FastifyInstance } from 'fastify';

import { listenOn } from '../wire/http-server.ts';
import type { TokenSource } from '../wire/token-proof.ts';
import { abandonProcess } from './end-process.ts';
import { Executor } from './executor.ts';
import { workerServer } from './worker-server.ts';

export interface ListeningWorkerOptions {
  readonly token: TokenSource;
  /** The message for a request that is not signed. Default: that the token is another one. */
  readonly refusal?: () => string | undefined;
  /** Called after an attempt has ended and its response has been sent. */
  readonly onTaskEnd?: (() => void) | undefined;
}

export class ListeningWorker {
  readonly #executor = new Executor(abandonProcess);
  readonly #server: FastifyInstance;
  readonly #lastTask = Promise.withResolvers<void>();
  #isLeaving = false;

  constructor({ token, refusal, onTaskEnd }: ListeningWorkerOptions) {
    this.#server = workerServer({
      token,
      refusal,
      executor: this.#executor,
      isLeaving: () => this.#isLeaving,
      onTaskEnd: () => {
        onTaskEnd?.();
        if (this.#isLeaving) this.#lastTask.resolve();
      },
    });
  }

  get isBusy(): boolean {
    return this.#executor.busy;
  }

  /** Listens on a port. Returns `false` if the port is in use. */
  listen(port: number): Promise<boolean> {
    return listenOn(this.#server, port);
  }

  /** Prepares for the first task. Call this only after everything that waits for this worker was notified. */
  prepare(): void {
    // A worker is killed in the end, which would lose the code that it has compiled.
    flushCompileCache();
    this.#executor.prepare();
  }

  /** Accepts no more tasks, and waits until the response of the current one has been sent. */
  async finish(): Promise<void> {
    this.#isLeaving = true;
    if (this.isBusy) await this.#lastTask.promise;
  }
}
