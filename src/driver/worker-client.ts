// Asks a worker to run an attempt, over one kept-alive connection, and reads its answer line by line.

import { randomBytes } from 'node:crypto';

import { errors, Pool } from 'undici';
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

export interface Heard {
  progressed(records: number, bytes: number): void;
  succeeded(report: AttemptReport): void;
  failed(failure: AttemptFailure): void;
  /**
   * The connection failed, or the worker was silent for too long. Not `reached`: the attempt never began, because nobody
   * listens, or who does is busy with another's or has another token.
   */
  lost(message: string, reached: boolean): void;
}

export class WorkerClient {
  readonly url: string;
  readonly #connection: Pool;
  readonly #token: string;
  readonly #silenceMs: number;

  constructor(url: string, token: string, silenceMs: number) {
    this.url = url;
    this.#token = token;
    this.#silenceMs = silenceMs;
    this.#connection = new Pool(url, { connections: 1, connect: { timeout: silenceMs } });
  }

  /** Who listens; undefined where nobody does, or it is no worker that has our token. */
  async health(timeoutMs: number): Promise<Health | undefined> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      if (!(await this.#provesToken(signal))) return undefined;
      const headers = this.#headers();
      const { statusCode, body } = await this.#connection.request({ method: 'GET', path: '/health', headers, signal });
      const answer: unknown = await body.json();
      return statusCode === 200 && v.is(Health, answer) ? answer : undefined;
    } catch {
      return undefined;
    }
  }

  /** Who listens must show that he has the token before we send it to him. */
  async #provesToken(signal: AbortSignal): Promise<boolean> {
    const challenge = randomBytes(16).toString('base64url');
    const { headers, body } = await this.#connection.request({
      method: 'GET',
      path: '/health',
      headers: { [CHALLENGE_HEADER]: challenge },
      signal,
    });
    await body.dump();
    return headers[PROOF_HEADER] === proofOf(this.#token, challenge);
  }

  /** Runs an attempt on the worker. Exactly one of `succeeded`, `failed` and `lost` is called, last and once. */
  async runTask(kind: TaskKind, request: TaskRequest, heard: Heard): Promise<void> {
    try {
      const { statusCode, body } = await this.#connection.request({
        method: 'POST',
        path: `/${kind}`,
        headers: this.#headers(),
        body: JSON.stringify(request),
        headersTimeout: this.#silenceMs,
        bodyTimeout: this.#silenceMs,
      });
      if (statusCode !== 200) {
        const answer = `the worker answered ${statusCode}: ${(await body.text()).slice(0, 500)}`;
        if (statusCode === 401 || statusCode === 409) return heard.lost(answer, false);
        return heard.failed({ kind: 'refused', message: answer });
      }
      const result = await this.#lastLine(body, heard);
      if (result?.type === 'done') heard.succeeded(result.report);
      else if (result?.type === 'failed') heard.failed(result.failure);
      else heard.lost('the connection ended before the answer', true);
    } catch (error) {
      heard.lost(this.#describe(error), codeOf(error) !== 'ECONNREFUSED');
    }
  }

  /** Reads to the end, so that the connection can be used again, and answers the last line. */
  async #lastLine(body: AsyncIterable<Buffer>, heard: Heard): Promise<AnswerLine | undefined> {
    let last: AnswerLine | undefined;
    let rest = '';
    for await (const bytes of body) {
      const texts = (rest + bytes.toString('latin1')).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        last = parseAnswer(Buffer.from(text, 'latin1').toString('utf8'));
        if (last.type === 'progress') heard.progressed(last.records, last.bytes);
      }
    }
    return last;
  }

  /** Ends every request and its connection. */
  async close(): Promise<void> {
    await this.#connection.destroy();
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
  }

  #describe(error: unknown): string {
    if (error instanceof errors.BodyTimeoutError || error instanceof errors.HeadersTimeoutError) {
      return `silent for ${this.#silenceMs / 1000} s`;
    }
    const code = codeOf(error);
    return `connection failed: ${messageOf(error) || 'no message'}${code === undefined ? '' : ` (${code})`}`;
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
