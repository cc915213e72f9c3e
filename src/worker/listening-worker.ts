// A worker that listens, as the driver spawns it and as the `worker` command is one: its server, and what runs attempts.

import { flushCompileCache } from 'node:module';

import type { FastifyInstance } from 'fastify';

import { listenOn } from '../wire/http-server.ts';
import type { TokenSource } from '../wire/token-proof.ts';
import { abandonProcess } from './end-process.ts';
import { Executor } from './executor.ts';
import { workerServer } from './worker-server.ts';

export interface ListeningWorkerOptions {
  readonly token: TokenSource;
  /** What is answered to a request that is not signed; without it, that the token is another one. */
  readonly refusal?: () => string | undefined;
  /** Called after an attempt has ended and its answer has been sent. */
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
