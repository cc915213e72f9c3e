// Asks a worker to run an attempt, over one kept-alive connection, and reads its answer line by line.

import { setTimeout as delay } from 'node:timers/promises';

import * as v from 'valibot';

import { codeOf, messageOf } from '../../errors.ts';
import { HttpConnection, isSilence, TooLongError, UnprovenError } from '../../wire/http-client.ts';
import { fixedToken } from '../../wire/token-proof.ts';
import { type AnswerLine, type AttemptFailure, type AttemptReport, Health, type TaskRequest } from '../../protocol.ts';
import type { TaskKind } from '../../task-ids.ts';
import { AnswerLines, UnreadableAnswerError } from './answer-lines.ts';

/** How often a worker is asked whether it has given up an attempt. */
const BETWEEN_LOOKS_MS = 20;

/** How far an attempt is. */
export type AttemptProgress = Omit<Extract<AnswerLine, { type: 'progress' }>, 'type'>;

export interface Heard {
  progressed(progress: AttemptProgress): void;
  succeeded(report: AttemptReport): void;
  failed(failure: AttemptFailure): void;
  lost(loss: Loss): void;
}

/** The connection to a worker failed. */
export interface Loss {
  readonly message: string;
  /** `false`: the attempt never began, because nobody listens, or who does is busy with another's or has another token. */
  readonly reached: boolean;
  /** The machine of the driver gives no connection. */
  readonly isRefused?: boolean;
  /** It said nothing for too long: it may come back. */
  readonly isSilent: boolean;
}

/** What the driver's own machine refuses, whoever may listen there. */
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
  /** Ends the attempt that runs. */
  #cancel: AbortController | undefined;

  constructor(url: string, token: string, silenceMs: number) {
    this.#url = url;
    this.#silenceMs = silenceMs;
    this.#connection = new HttpConnection({ url, listener: 'worker', token: fixedToken(token), silenceMs });
  }

  /** Connects, so that the first attempt need not wait for that. Whether it succeeds, the attempt says. */
  prepare(): void {
    void this.#connection.prove().catch(() => {});
  }

  /** Who listens; undefined where nobody does, or it is no worker that has our token. */
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
   * Runs an attempt on the worker. Exactly one of `succeeded`, `failed` and `lost` is called, last and once; none of an
   * attempt that is cancelled.
   */
  async runTask(kind: TaskKind, request: TaskRequest, heard: Heard): Promise<void> {
    const cancel = new AbortController();
    this.#cancel = cancel;
    const lines = new AnswerLines((line) => {
      if (line.type !== 'progress') return;
      const { type: _, ...progress } = line;
      heard.progressed(progress);
    });
    try {
      await this.#connection.prove();
    } catch (error) {
      if (!cancel.signal.aborted) heard.lost({ ...this.#lossOf(error), reached: false });
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
        if (status === 401 || status === 409) return heard.lost({ message: answer, reached: false, isSilent: false });
        return heard.failed({ kind: 'refused', message: answer });
      }
      const result = lines.last;
      if (result?.type === 'done') heard.succeeded(result.report);
      else if (result?.type === 'failed') heard.failed(result.failure);
      else heard.lost({ message: 'the connection ended before the answer', reached: true, isSilent: false });
    } catch (error) {
      if (cancel.signal.aborted) return;
      if (error instanceof UnreadableAnswerError || error instanceof TooLongError) {
        await this.#failed(error.message, cancel.signal, heard);
      } else heard.lost(this.#lossOf(error));
    }
  }

  /** The worker is there, and says what we do not understand. The connection is closed: it gives up the attempt. */
  async #failed(message: string, cancelled: AbortSignal, heard: Heard): Promise<void> {
    const found = await this.#untilIdle();
    if (cancelled.aborted) return;
    if (found === 'free') heard.failed({ kind: 'refused', message });
    else heard.lost({ message, reached: true, isSilent: false });
  }

  /** Cancels the attempt that runs, and waits until the worker is free. `silent`: it does not say so in time. */
  async cancel(): Promise<'free' | 'gone' | 'silent'> {
    this.#cancel?.abort();
    return this.#untilIdle();
  }

  async #untilIdle(): Promise<'free' | 'gone' | 'silent'> {
    // Looks are counted, and not time: the driver may be stopped meanwhile.
    for (let looks = 0; looks * BETWEEN_LOOKS_MS < this.#silenceMs; looks++) {
      const askedMs = performance.now();
      const health = await this.health();
      if (health?.state === 'idle') return 'free';
      if (health === undefined) return performance.now() - askedMs < this.#silenceMs / 2 ? 'gone' : 'silent';
      await delay(BETWEEN_LOOKS_MS);
    }
    return 'silent';
  }

  /** Ends every request and its connection. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #lossOf(error: unknown): Loss {
    if (isSilence(error)) return { message: `silent for ${this.#silenceMs / 1000} s`, reached: true, isSilent: true };
    if (error instanceof UnprovenError) {
      const message = `expected our worker at ${this.#url}, found somebody who does not prove to have the token`;
      return { message, reached: false, isSilent: false };
    }
    const code = codeOf(error);
    const message = `connection failed: ${messageOf(error) || 'no message'}${code === undefined ? '' : ` (${code})`}`;
    const isRefused = NO_CONNECTIONS.has(code ?? '');
    return { message, isRefused, reached: code !== 'ECONNREFUSED' && !isRefused, isSilent: false };
  }
}
