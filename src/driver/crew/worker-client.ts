// Asks a worker to run attempts, over one kept-alive connection, and reads its responses line by line.

import { setTimeout as delay } from 'node:timers/promises';

import * as v from 'valibot';

import { codeOf, messageOf } from '../../errors.ts';
import { HttpConnection, isSilence, TooLongError, UnprovenError } from '../../wire/http-client.ts';
import { fixedToken } from '../../wire/token-proof.ts';
import { type AnswerLine, type AttemptFailure, type AttemptReport, Health, type TaskRequest } from '../../protocol.ts';
import type { TaskKind } from '../../task-ids.ts';
import { AnswerLines, UnreadableAnswerError } from './answer-lines.ts';

/** The interval in which a worker is asked whether it has given up an attempt. */
const BETWEEN_LOOKS_MS = 20;

/** How far an attempt is. */
export type AttemptProgress = Omit<Extract<AnswerLine, { type: 'progress' }>, 'type'>;

/** Receives the progress and the result of an attempt. */
export interface AttemptListener {
  progressed(progress: AttemptProgress): void;
  succeeded(report: AttemptReport): void;
  failed(failure: AttemptFailure): void;
  lost(loss: Loss): void;
}

/** The connection to a worker failed. */
export interface Loss {
  readonly message: string;
  /** `false`: the attempt never began, because nothing listens there, or it is busy with another attempt, or has another token. */
  readonly reached: boolean;
  /** The driver's own machine refuses the connection. */
  readonly isRefused?: boolean;
  /** Nothing arrived from it for too long. It may come back. */
  readonly isSilent: boolean;
}

/** Errors with which the driver's own machine refuses a connection, whatever listens there. */
const NO_CONNECTIONS: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
]);

export class WorkerClient {
  readonly #url: string;
  readonly #connection: HttpConnection;
  readonly #silenceMs: number;
  /** Aborts the current attempt. */
  #cancel: AbortController | undefined;

  constructor(url: string, token: string, silenceMs: number) {
    this.#url = url;
    this.#silenceMs = silenceMs;
    this.#connection = new HttpConnection({ url, listener: 'worker', token: fixedToken(token), silenceMs });
  }

  /** Connects, so that the first attempt need not wait for that. If it fails, the attempt will report it. */
  prepare(): void {
    void this.#connection.prove().catch(() => {});
  }

  /** The worker's health; undefined if nothing listens, or what listens is not a worker that has our token. */
  async health(): Promise<Health | undefined> {
    try {
      const { status, body } = await this.#connection.request({ method: 'GET', path: '/health' });
      const answer: unknown = JSON.parse(body);
      return status === 200 && v.is(Health, answer) ? answer : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Runs an attempt on the worker. Exactly one of `succeeded`, `failed` and `lost` is called, once, as the last; none is
   * called for a cancelled attempt.
   */
  async runTask(kind: TaskKind, request: TaskRequest, listener: AttemptListener): Promise<void> {
    const cancel = new AbortController();
    this.#cancel = cancel;
    const lines = new AnswerLines((line) => {
      if (line.type !== 'progress') return;
      const { type: _, ...progress } = line;
      listener.progressed(progress);
    });
    try {
      await this.#connection.prove();
    } catch (error) {
      if (!cancel.signal.aborted) listener.lost({ ...this.#lossOf(error), reached: false });
      return;
    }
    try {
      const { status, body } = await this.#connection.request({
        method: 'POST',
        path: `/${kind}`,
        body: JSON.stringify(request),
        onData: (bytes) => lines.add(bytes),
        cancel: cancel.signal,
      });
      if (cancel.signal.aborted) return;
      if (status !== 200) {
        const answer = `the worker answered ${status}: ${body.slice(0, 500)}`;
        if (status === 401 || status === 409)
          return listener.lost({ message: answer, reached: false, isSilent: false });
        return listener.failed({ kind: 'refused', message: answer });
      }
      const result = lines.last;
      if (result?.type === 'done') listener.succeeded(result.report);
      else if (result?.type === 'failed') listener.failed(result.failure);
      else listener.lost({ message: 'the connection ended before the answer', reached: true, isSilent: false });
    } catch (error) {
      if (cancel.signal.aborted) return;
      if (error instanceof UnreadableAnswerError || error instanceof TooLongError) {
        await this.#failed(error.message, cancel.signal, listener);
      } else listener.lost(this.#lossOf(error));
    }
  }

  /** The worker is there, but its response is unreadable. The connection has been closed, so it gives up the attempt. */
  async #failed(message: string, cancelled: AbortSignal, listener: AttemptListener): Promise<void> {
    const found = await this.#untilIdle();
    if (cancelled.aborted) return;
    if (found === 'free') listener.failed({ kind: 'refused', message });
    else listener.lost({ message, reached: true, isSilent: false });
  }

  /** Cancels the current attempt and waits until the worker is free. `silent`: it did not become free in time. */
  async cancel(): Promise<'free' | 'gone' | 'silent'> {
    this.#cancel?.abort();
    return this.#untilIdle();
  }

  async #untilIdle(): Promise<'free' | 'gone' | 'silent'> {
    // Counts looks, not time: the driver may be stopped meanwhile.
    for (let looks = 0; looks * BETWEEN_LOOKS_MS < this.#silenceMs; looks++) {
      const askedMs = performance.now();
      const health = await this.health();
      if (health?.state === 'idle') return 'free';
      if (health === undefined) return performance.now() - askedMs < this.#silenceMs / 2 ? 'gone' : 'silent';
      await delay(BETWEEN_LOOKS_MS);
    }
    return 'silent';
  }

  /** Aborts every request and closes the connection. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #lossOf(error: unknown): Loss {
    if (isSilence(error)) return { message: `silent for ${this.#silenceMs / 1000} s`, reached: true, isSilent: true };
    if (error instanceof UnprovenError) {
      const message = `expected our worker at ${this.#url}, found a process that does not prove that it has the token`;
      return { message, reached: false, isSilent: false };
    }
    const code = codeOf(error);
    const message = `connection failed: ${messageOf(error) || 'no message'}${code === undefined ? '' : ` (${code})`}`;
    const isRefused = NO_CONNECTIONS.has(code ?? '');
    return { message, isRefused, reached: code !== 'ECONNREFUSED' && !isRefused, isSilent: false };
  }
}
