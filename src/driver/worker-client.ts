// Asks a worker to run an attempt, over one kept-alive connection, and reads its answer line by line.

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import * as v from 'valibot';

import { codeOf, messageOf } from '../errors.ts';
import {
  AnswerLine,
  CHALLENGE_HEADER,
  PROOF_HEADER,
  proofOf,
  type AttemptFailure,
  type AttemptReport,
  Health,
  type TaskKind,
  type TaskRequest,
} from '../protocol.ts';
import { type HttpAnswer, HttpConnection } from './http-connection.ts';

/** How often a worker is asked whether it has given up an attempt. */
const BETWEEN_LOOKS_MS = 20;

/** How far an attempt is. */
export type Progress = Omit<Extract<AnswerLine, { type: 'progress' }>, 'type'>;

export interface Heard {
  progressed(progress: Progress): void;
  succeeded(report: AttemptReport): void;
  failed(failure: AttemptFailure): void;
  lost(loss: Loss): void;
}

/** The connection to a worker failed. */
export interface Loss {
  readonly message: string;
  /** `false`: the attempt never began, because nobody listens, or who does is busy with another's or has another token. */
  readonly reached: boolean;
  /** It said nothing for too long: it may come back. */
  readonly isSilent: boolean;
}

export class WorkerClient {
  readonly url: string;
  readonly #connection: HttpConnection;
  readonly #token: string;
  readonly #silenceMs: number;
  /** Ends the attempt that runs. */
  #cancel: AbortController | undefined;

  constructor(url: string, token: string, silenceMs: number) {
    this.url = url;
    this.#token = token;
    this.#silenceMs = silenceMs;
    this.#connection = new HttpConnection(url, silenceMs);
  }

  /** Who listens; undefined where nobody does, or it is no worker that has our token. */
  async health(): Promise<Health | undefined> {
    try {
      if (!(await this.#provesToken())) return undefined;
      const body: Buffer[] = [];
      const { status } = await this.#get(this.#headers(), (bytes) => body.push(bytes));
      const answer: unknown = JSON.parse(Buffer.concat(body).toString('utf8'));
      return status === 200 && v.is(Health, answer) ? answer : undefined;
    } catch {
      return undefined;
    }
  }

  /** Who listens must show that he has the token before we send it to him. */
  async #provesToken(): Promise<boolean> {
    const challenge = randomBytes(16).toString('base64url');
    const { headers } = await this.#get({ [CHALLENGE_HEADER]: challenge }, () => {});
    return headers[PROOF_HEADER] === proofOf(this.#token, challenge);
  }

  #get(headers: Record<string, string>, onData: (bytes: Buffer) => void): Promise<HttpAnswer> {
    return this.#connection.request({ method: 'GET', path: '/health', headers, silenceMs: this.#silenceMs, onData });
  }

  /**
   * Runs an attempt on the worker. Exactly one of `succeeded`, `failed` and `lost` is called, last and once; none of an
   * attempt that is cancelled.
   */
  async runTask(kind: TaskKind, request: TaskRequest, heard: Heard): Promise<void> {
    const lines = new AnswerLines(heard);
    const cancel = new AbortController();
    this.#cancel = cancel;
    try {
      const { status, refusal } = await this.#connection.request({
        method: 'POST',
        path: `/${kind}`,
        headers: this.#headers(),
        body: JSON.stringify(request),
        silenceMs: this.#silenceMs,
        onData: (bytes) => lines.add(bytes),
        cancel: cancel.signal,
      });
      if (cancel.signal.aborted) return;
      if (status !== 200) {
        const answer = `the worker answered ${status}: ${refusal.slice(0, 500)}`;
        if (status === 401 || status === 409) return heard.lost({ message: answer, reached: false, isSilent: false });
        return heard.failed({ kind: 'refused', message: answer });
      }
      const result = lines.last;
      if (result?.type === 'done') heard.succeeded(result.report);
      else if (result?.type === 'failed') heard.failed(result.failure);
      else heard.lost({ message: 'the connection ended before the answer', reached: true, isSilent: false });
    } catch (error) {
      if (!cancel.signal.aborted) heard.lost(this.#lossOf(error));
    }
  }

  /** Cancels the attempt that runs, and waits until the worker is free. `false`: it does not say so in time. */
  async cancel(): Promise<boolean> {
    this.#cancel?.abort();
    const endMs = performance.now() + this.#silenceMs;
    do {
      const health = await this.health();
      if (health?.state === 'idle') return true;
      if (health === undefined) return false;
      await delay(BETWEEN_LOOKS_MS);
    } while (performance.now() < endMs);
    return false;
  }

  /** Ends every request and its connection. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
  }

  #lossOf(error: unknown): Loss {
    const code = codeOf(error);
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
      return { message: `silent for ${this.#silenceMs / 1000} s`, reached: true, isSilent: true };
    }
    const message = `connection failed: ${messageOf(error) || 'no message'}${code === undefined ? '' : ` (${code})`}`;
    return { message, reached: code !== 'ECONNREFUSED', isSilent: false };
  }
}

/** The lines of an answer as they come, in pieces that end anywhere. */
class AnswerLines {
  last: AnswerLine | undefined;
  readonly #heard: Heard;
  #rest = '';

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  add(bytes: Buffer): void {
    const texts = (this.#rest + bytes.toString('latin1')).split('\n');
    this.#rest = texts.pop() ?? '';
    for (const text of texts) {
      this.last = parseAnswer(Buffer.from(text, 'latin1').toString('utf8'));
      if (this.last.type !== 'progress') continue;
      const { type: _, ...progress } = this.last;
      this.#heard.progressed(progress);
    }
  }
}

/** A line that is no answer fails its attempt: the worker is there, and says what we do not understand. */
function parseAnswer(text: string): AnswerLine {
  try {
    return v.parse(AnswerLine, JSON.parse(text));
  } catch (error) {
    const message = `expected a line of the protocol, found ${text.slice(0, 200)} (${messageOf(error)})`;
    return { type: 'failed', failure: { kind: 'refused', message } };
  }
}
